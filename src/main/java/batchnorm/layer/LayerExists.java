package batchnorm.layer;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// Thrown when one or more layer names are taken.
public final class LayerExists extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// The maximum number of names in the message.
    private static final int MAX_NAMES = 20;

    public LayerExists(LayerName name) {
        super(
                "layer \""
                        + name
                        + "\" exists already; choose another name, change it with PATCH, or delete it first");
    }

    /// @param taken those of the requested names that exist
    LayerExists(Collection<LayerName> taken) {
        super(message(List.copyOf(taken)));
    }

    private static String message(List<LayerName> taken) {
        String names =
                taken.stream()
                        .limit(MAX_NAMES)
                        .map(name -> '"' + name.value() + '"')
                        .collect(Collectors.joining(", "));
        return (taken.size() == 1 ? "layer " : taken.size() + " layers, ")
                + names
                + (taken.size() > MAX_NAMES ? ", …" : "")
                + (taken.size() == 1 ? " exists" : " exist")
                + " already, and nothing was created; delete what is there, choose other names, or replace it with"
                + " replace=true";
    }
}
