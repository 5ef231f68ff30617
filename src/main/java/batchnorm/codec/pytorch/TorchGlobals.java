package batchnorm.codec.pytorch;

import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.pytorch.Pickled.Global;
import batchnorm.codec.pytorch.Pickled.Opaque;
import batchnorm.codec.pytorch.Pickled.Storage;
import batchnorm.codec.pytorch.Pickled.Tuple;
import batchnorm.codec.pytorch.Pickled.UnreadableTensor;
import batchnorm.codec.pytorch.Pickled.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The classes and functions that a pickle may name, and what a call of each becomes. Each name
/// that is not listed is rejected, because unpickling it would run code.
final class TorchGlobals {
    private static final String REBUILD = "torch._utils._rebuild_";

    private static final Set<String> DICTS =
            Set.of("collections.OrderedDict", "collections.defaultdict", "builtins.dict");

    private static final Set<String> VIEWS = Set.of(REBUILD + "tensor", REBUILD + "tensor_v2");

    private static final Set<String> PARAMETERS =
            Set.of(REBUILD + "parameter", REBUILD + "parameter_with_state");

    /// Data without tensors that training scripts keep beside a model.
    private static final Set<String> OPAQUE =
            Set.of(
                    "argparse.Namespace",
                    "torch.Size",
                    "torch.device",
                    "torch.serialization._get_layout",
                    "torch.torch_version.TorchVersion",
                    "numpy.dtype",
                    "numpy.core.multiarray.scalar",
                    "numpy._core.multiarray.scalar",
                    "_codecs.encode",
                    "builtins.set",
                    "__builtin__.set",
                    "builtins.list",
                    "builtins.int",
                    "builtins.float",
                    "builtins.str");

    private static final String STORAGE = "storage";
    private static final int KEY = 2;
    private static final int LENGTH = 4;
    private static final int MAX_RANK = 64;

    private TorchGlobals() {}

    /// @throws MalformedTensor for a name that is not listed
    static Global find(String module, String name) {
        Global global = new Global(module, name);
        String path = global.toString();
        boolean isDataType = module.equals("torch") && name.matches("[a-z]+[0-9]*");
        boolean isStorage = module.startsWith("torch") && name.endsWith("Storage");
        if (DICTS.contains(path)
                || OPAQUE.contains(path)
                || path.startsWith(REBUILD)
                || isDataType
                || isStorage) {
            return global;
        }
        throw malformed(
                "the pickle needs "
                        + QuotedInput.of(path)
                        + ", which is code and is never run; save tensors alone: torch.save(model.state_dict(), file)");
    }

    /// Returns the object that a call stands for.
    static Object call(Object callable, Tuple arguments) {
        if (!(callable instanceof Global global)) {
            if (callable instanceof Opaque) {
                return callable;
            }
            throw malformed("the pickle calls what is not a function");
        }
        String path = global.toString();
        if (DICTS.contains(path)) {
            return dict(arguments);
        }
        if (VIEWS.contains(path)) {
            return view(arguments.elements());
        }
        if (PARAMETERS.contains(path)) {
            return arguments.elements().stream()
                    .findFirst()
                    .orElseThrow(() -> malformed("a parameter has no tensor"));
        }
        return path.startsWith(REBUILD) ? new UnreadableTensor(global) : new Opaque(global);
    }

    /// Returns the dict of `OrderedDict(items)`, which Python 2 wrote, or an empty one.
    private static Map<Object, Object> dict(Tuple arguments) {
        Map<Object, Object> dict = new LinkedHashMap<>();
        for (Object argument : arguments.elements()) {
            if (argument instanceof List<?> items) {
                for (Object item : items) {
                    if (!(item instanceof List<?> pair)
                            || pair.size() != 2
                            || !(pair.getFirst() instanceof String key)) {
                        throw malformed("an item of an OrderedDict is not a name with a value");
                    }
                    dict.put(key, pair.getLast());
                }
            }
        }
        return dict;
    }

    /// Drops the attributes of a dict, such as the `_metadata` of a state dict.
    ///
    /// @throws MalformedTensor for an object without attributes
    static Object withoutAttributes(Object object) {
        if (!(object instanceof Map<?, ?>) && !(object instanceof Opaque)) {
            throw malformed("the pickle sets attributes of what has none");
        }
        return object;
    }

    /// Returns the storage of a persistent ID: `("storage", class, key, device, elements)`.
    static Storage storage(Tuple id) {
        List<Object> parts = id.elements();
        if (parts.size() > LENGTH
                && parts.getFirst().equals(STORAGE)
                && parts.get(1) instanceof Global global
                && parts.get(KEY) instanceof String key
                && parts.get(LENGTH) instanceof Long elements
                && elements >= 0) {
            StorageType type = StorageType.parse(global.name());
            if (type == null) {
                throw malformed(
                        "the storage class " + QuotedInput.of(global.name()) + " is unknown");
            }
            if (elements > Long.MAX_VALUE / type.bytes()) {
                throw malformed("a storage has " + elements + " elements");
            }
            return new Storage(key, type, elements);
        }
        throw malformed("a persistent ID is not that of a storage");
    }

    /// Returns the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, …)`.
    private static View view(List<Object> arguments) {
        if (arguments.size() > 3
                && arguments.get(0) instanceof Storage storage
                && arguments.get(1) instanceof Long offset
                && arguments.get(2) instanceof Tuple size
                && arguments.get(3) instanceof Tuple stride) {
            View view = new View(storage, offset, numbers(size), numbers(stride));
            requireWithin(view);
            return view;
        }
        throw malformed("the arguments of a tensor are not those of _rebuild_tensor_v2");
    }

    private static void requireWithin(View view) {
        boolean isWithin = view.dimensions().length == view.strides().length && view.offset() >= 0;
        try {
            isWithin =
                    isWithin
                            && view.elements() >= 0
                            && Math.addExact(view.offset(), view.span())
                                    <= view.storage().elements();
        } catch (ArithmeticException overflow) {
            isWithin = false;
        }
        if (!isWithin) {
            throw malformed(
                    "a tensor is not within its storage " + QuotedInput.of(view.storage().key()));
        }
    }

    private static long[] numbers(Tuple tuple) {
        if (tuple.elements().size() > MAX_RANK) {
            throw malformed("a tensor has more than " + MAX_RANK + " axes");
        }
        return tuple.elements().stream()
                .mapToLong(element -> {
                    if (element instanceof Long number && number >= 0) {
                        return number;
                    }
                    throw malformed("a size or stride of a tensor is not a whole number");
                })
                .toArray();
    }

    private static MalformedTensor malformed(String reason) {
        return new MalformedTensor("file", reason);
    }
}
