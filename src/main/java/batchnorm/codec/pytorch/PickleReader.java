package batchnorm.codec.pytorch;

import batchnorm.codec.Codec;
import batchnorm.codec.MalformedTensor;
import batchnorm.codec.QuotedInput;
import batchnorm.codec.binary.BinaryBody;
import batchnorm.codec.pytorch.Pickled.None;
import batchnorm.codec.pytorch.Pickled.Tuple;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads a pickle as data. A pickle is a program for a stack machine; its instructions that build
/// plain data are interpreted, and [TorchGlobals] decides what the others become. Nothing in the
/// file is executed.
///
/// Supports the opcodes that `torch.save` writes in the protocols 2 to 5. The semantics are those
/// of Python's `pickletools`.
final class PickleReader {
    private static final int STOP = '.';

    /// More objects than the checkpoint of a model with 20,000 tensors has.
    private static final int MAX_OBJECTS = 1 << 20;

    /// Bytes counted for each object: the largest plain one with its places in stack and memo.
    private static final int BYTES_OF_OBJECT = 64;

    private static final int COUNTED_TOGETHER = 1 << 12;

    /// The longest text that is kept. No name is as long.
    private static final int MAX_TEXT = 1 << 16;

    private static final int MAX_LINE = 1 << 10;

    private final BinaryBody body;
    private final Codec.Memory memory;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private int objects;

    private PickleReader(BinaryBody body, Codec.Memory memory) {
        this.body = body;
        this.memory = memory;
    }

    /// Reads one pickle, up to its STOP.
    ///
    /// @param memory counts the objects
    /// @throws MalformedTensor for an inconsistent pickle, or one that needs code
    static Object read(BinaryBody body, Codec.Memory memory) throws IOException {
        return new PickleReader(body, memory).read();
    }

    private Object read() throws IOException {
        for (int opcode = unsignedByte(); opcode != STOP; opcode = unsignedByte()) {
            if (!isScalar(opcode)
                    && !isText(opcode)
                    && !isContainer(opcode)
                    && !isReference(opcode)
                    && !isObject(opcode)) {
                throw malformed("the opcode 0x%02x is not supported".formatted(opcode));
            }
        }
        return pop();
    }

    private boolean isScalar(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> unsignedByte(); // PROTO
            case 0x95 -> body.skip(Long.BYTES, "a frame"); // FRAME
            case 'N' -> push(None.NONE);
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'K' -> push((long) unsignedByte()); // BININT1
            case 'M' -> push((long) unsignedByte() | (long) unsignedByte() << Byte.SIZE); // BININT2
            case 'J' -> push((long) integer()); // BININT
            case 0x8a -> push(wholeNumber(unsignedByte())); // LONG1
            case 0x8b -> push(wholeNumber(length(integer()))); // LONG4
            case 'G' -> push(binaryFloat());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean isText(int opcode) throws IOException {
        switch (opcode) {
            case 'X', 'T', 'B' -> push(text(length(integer()))); // BINUNICODE, BINSTRING, BINBYTES
            case 0x8c, 'U', 'C' -> push(text(unsignedByte())); // the short forms
            case 0x8d, 0x8e -> push(text(longInteger())); // BINUNICODE8, BINBYTES8
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean isContainer(int opcode) throws IOException {
        switch (opcode) {
            case '(' -> marks.push(stack.size());
            case ']', 0x8f -> push(new ArrayList<>()); // EMPTY_LIST, EMPTY_SET
            case '}' -> push(new LinkedHashMap<>());
            case ')' -> push(new Tuple(List.of()));
            case 't' -> push(new Tuple(popMarked()));
            case 'l', 0x91 -> push(new ArrayList<>(popMarked())); // LIST, FROZENSET
            case 'd' -> push(put(new LinkedHashMap<>(), popMarked()));
            case 0x85, 0x86, 0x87 -> push(new Tuple(popLast(opcode - 0x84))); // TUPLE1 to TUPLE3
            case 'a' -> append(popLast(1));
            case 'e', 0x90 -> append(popMarked()); // APPENDS, ADDITEMS
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popMarked());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean isReference(int opcode) throws IOException {
        switch (opcode) {
            case '0' -> pop();
            case '1' -> popMarked();
            case '2' -> push(top());
            case 'q' -> memo.put(unsignedByte(), top());
            case 'r' -> memo.put(integer(), top());
            case 0x94 -> memo.put(memo.size(), top()); // MEMOIZE
            case 'h' -> push(remembered(unsignedByte()));
            case 'j' -> push(remembered(integer()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean isObject(int opcode) throws IOException {
        switch (opcode) {
            case 'c' -> push(TorchGlobals.find(line(), line()));
            case 0x93 -> { // STACK_GLOBAL
                List<Object> names = popLast(2);
                push(TorchGlobals.find(string(names.getFirst()), string(names.getLast())));
            }
            case 'R', 0x81 -> { // REDUCE, NEWOBJ
                List<Object> call = popLast(2);
                push(TorchGlobals.call(call.getFirst(), tuple(call.getLast())));
            }
            case 0x92 -> { // NEWOBJ_EX
                List<Object> call = popLast(3);
                push(TorchGlobals.call(call.getFirst(), tuple(call.get(1))));
            }
            case 'b' -> push(TorchGlobals.withoutAttributes(popLast(2).getFirst())); // BUILD
            case 'Q' -> push(TorchGlobals.storage(tuple(pop())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void append(List<Object> added) {
        if (!(top() instanceof List<?>)) {
            throw malformed("an element is added to what is not a list");
        }
        @SuppressWarnings("unchecked") // only this class makes lists
        List<Object> list = (List<Object>) top();
        list.addAll(added);
    }

    private void setItems(List<Object> items) {
        if (top() instanceof Pickled.Opaque) {
            return;
        }
        if (!(top() instanceof Map<?, ?>)) {
            throw malformed("an item is set in what is not a dict");
        }
        @SuppressWarnings("unchecked") // only this class and TorchGlobals make maps
        Map<Object, Object> map = (Map<Object, Object>) top();
        put(map, items);
    }

    private Map<Object, Object> put(Map<Object, Object> map, List<Object> items) {
        if (items.size() % 2 != 0) {
            throw malformed("a dict has a key without a value");
        }
        for (int i = 0; i < items.size(); i += 2) {
            if (items.get(i) instanceof List<?> || items.get(i) instanceof Map<?, ?>) {
                throw malformed("a list or dict is the key of a dict");
            }
            map.put(items.get(i), items.get(i + 1));
        }
        return map;
    }

    private void push(Object object) {
        if (objects == MAX_OBJECTS) {
            throw malformed("the pickle has more than " + MAX_OBJECTS + " objects");
        }
        if (objects % COUNTED_TOGETHER == 0) {
            memory.reserve((long) COUNTED_TOGETHER * BYTES_OF_OBJECT);
        }
        objects++;
        stack.add(object);
    }

    private Object top() {
        if (stack.size() <= bottom()) {
            throw malformed("the stack is empty");
        }
        return stack.getLast();
    }

    private Object pop() {
        return popLast(1).getFirst();
    }

    private List<Object> popLast(int count) {
        if (stack.size() - bottom() < count) {
            throw malformed("the stack has fewer than " + count + " objects");
        }
        return pop(stack.size() - count);
    }

    private List<Object> popMarked() {
        Integer mark = marks.poll();
        if (mark == null) {
            throw malformed("the stack has no mark");
        }
        return pop(mark);
    }

    private List<Object> pop(int from) {
        List<Object> rest = stack.subList(from, stack.size());
        List<Object> popped = new ArrayList<>(rest);
        rest.clear();
        return popped;
    }

    private int bottom() {
        return Objects.requireNonNullElse(marks.peek(), 0);
    }

    private Object remembered(int index) {
        @Nullable Object object = memo.get(index);
        if (object == null) {
            throw malformed("the memo has no object " + index);
        }
        return object;
    }

    private Tuple tuple(Object object) {
        if (object instanceof Tuple tuple) {
            return tuple;
        }
        throw malformed("arguments are not a tuple");
    }

    private String string(Object object) {
        if (object instanceof String text) {
            return text;
        }
        throw malformed("the name of a class is not a string");
    }

    private int unsignedByte() throws IOException {
        body.require(1, "the pickle");
        return body.buffer.get() & 0xFF;
    }

    private int integer() throws IOException {
        body.require(Integer.BYTES, "the pickle");
        return body.buffer.getInt();
    }

    private long longInteger() throws IOException {
        body.require(Long.BYTES, "the pickle");
        return length(body.buffer.getLong());
    }

    private double binaryFloat() throws IOException {
        body.require(Double.BYTES, "the pickle");
        double value = body.buffer.order(ByteOrder.BIG_ENDIAN).getDouble();
        body.buffer.order(ByteOrder.LITTLE_ENDIAN);
        return value;
    }

    private int length(int length) {
        return (int) length((long) length);
    }

    private long length(long length) {
        if (length < 0) {
            throw malformed("a length is negative");
        }
        return length;
    }

    /// Reads an integer in two's complement, the lowest byte first. One beyond 64 bits becomes the
    /// text of its digits, because no count or size is as large.
    private Object wholeNumber(int length) throws IOException {
        if (length > MAX_LINE) {
            throw malformed("an integer has " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        body.read(bytes, "an integer");
        byte[] reversed = new byte[length + 1];
        for (int i = 0; i < length; i++) {
            reversed[length - i] = bytes[i];
        }
        reversed[0] = (byte) (length > 0 && bytes[length - 1] < 0 ? -1 : 0);
        BigInteger value = new BigInteger(reversed);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value.toString();
    }

    /// Reads text or bytes. A longer text than any name is skipped.
    private String text(long length) throws IOException {
        if (length > MAX_TEXT) {
            body.skip(length, "a text");
            return "";
        }
        byte[] bytes = new byte[(int) length];
        body.read(bytes, "a text");
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = unsignedByte(); next != '\n'; next = unsignedByte()) {
            if (line.length() == MAX_LINE) {
                throw malformed(
                        "the name of a class is too long: " + QuotedInput.of(line.toString()));
            }
            line.append((char) next);
        }
        return line.toString();
    }

    private MalformedTensor malformed(String reason) {
        return body.malformed(reason);
    }
}
