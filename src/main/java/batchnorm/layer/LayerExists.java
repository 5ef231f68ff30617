package batchnorm.layer;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// The name is taken, or some of the names are.
public final class LayerExists extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Of very many names, a sentence tells the first.
    private static final int TOLD = 20;

    public LayerExists(LayerName name) {
        super(
                "layer \""
                        + name
                        + "\" exists already; choose another name, change it with PATCH, or delete it first");
    }

    /// @param taken of the names that were to be created together
    LayerExists(Collection<LayerName> taken) {
        super(told(List.copyOf(taken)));
    }

    private static String told(List<LayerName> taken) {
        String names =
                taken.stream()
                        .limit(TOLD)
                        .map(name -> '"' + name.value() + '"')
                        .collect(Collectors.joining(", "));
        return (taken.size() == 1 ? "layer " : taken.size() + " layers, ")
                + names
                + (taken.size() > TOLD ? ", …" : "")
                + (taken.size() == 1 ? " exists" : " exist")
                + " already, and nothing was created; delete what is there, choose other names, or replace it with"
                + " replace=true";
    }
}
