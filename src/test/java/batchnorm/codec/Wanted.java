package batchnorm.codec;

import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A selection by name.
public record Wanted(Predicate<String> names) implements Selection {
    public static final Wanted ALL = new Wanted(name -> true);
    static final Wanted EVERY_OTHER = new Wanted(name -> name.length() % 2 == 0);

    @Override
    public Set<String> among(Set<String> all) {
        return all.stream().filter(names).collect(Collectors.toSet());
    }

    @Override
    public boolean mayBe(String name) {
        return names.test(name);
    }
}
