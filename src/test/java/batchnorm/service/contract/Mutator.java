package batchnorm.service.contract;

import batchnorm.fixtures.RandomSeed;
import batchnorm.service.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Mutates valid requests, mostly into invalid ones; deterministic for one random stream.
final class Mutator {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<JsonNode> STRANGE =
            List.of(
                    NODES.nullNode(),
                    NODES.booleanNode(true),
                    NODES.numberNode(0),
                    NODES.numberNode(-1),
                    NODES.numberNode(1e308),
                    NODES.numberNode(4.9e-324),
                    NODES.numberNode(Long.MAX_VALUE),
                    NODES.numberNode(2147483648L),
                    NODES.stringNode(""),
                    NODES.stringNode("NaN"),
                    NODES.stringNode("-Infinity"),
                    NODES.stringNode("train"),
                    NODES.stringNode("\r\nX: y\u0000\u2028\ud800"),
                    NODES.arrayNode(),
                    NODES.objectNode(),
                    NODES.arrayNode().add(NODES.arrayNode()),
                    NODES.arrayNode().add(NODES.arrayNode().add(1)).add(2));
    private static final List<String> HEADERS =
            List.of(
                    "If-Match",
                    "If-None-Match",
                    "Idempotency-Key",
                    "Accept",
                    "Content-Type",
                    "Range");
    private static final List<String> VALUES =
            List.of(
                    "*",
                    "\"1\"",
                    "W/\"x\"",
                    "x",
                    ",",
                    "\"",
                    "application/json",
                    "application/x-npy",
                    "application/x-npz",
                    "application/octet-stream",
                    "text/html",
                    "*/*;q=0",
                    "bytes=0-1",
                    "application/json;charset=utf-16",
                    "a".repeat(300),
                    "text/html, application/json;q=0.1");
    private static final List<String> QUERIES =
            List.of(
                    "?limit=-1",
                    "?limit=1000",
                    "?after=%00",
                    "?mode=infer",
                    "?context_id=x",
                    "?x=y",
                    "?save_context=maybe",
                    "?limit=1&limit=2",
                    "?after=",
                    "?=",
                    "?&&",
                    "?limit=9".repeat(20));

    private final Random random;

    Mutator(long stream) {
        random = RandomSeed.random(stream);
    }

    /// Returns the bytes of a body with one to three changes.
    byte[] body(JsonNode example) {
        JsonNode body = example.deepCopy();
        for (int i = random.nextInt(3); i >= 0; i--) {
            body = change(body);
        }
        byte[] bytes = Answer.JSON.writeValueAsBytes(body);
        return switch (random.nextInt(8)) {
            case 0 -> flipped(bytes);
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            default -> bytes;
        };
    }

    private byte[] flipped(byte[] bytes) {
        if (bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private JsonNode change(JsonNode node) {
        if (random.nextInt(4) == 0) {
            return strange();
        }
        return switch (node) {
            case ObjectNode object when !object.isEmpty() -> changeField(object);
            case ArrayNode array when !array.isEmpty() -> changeItem(array);
            default -> strange();
        };
    }

    /// A copy, because a later change may nest the node in itself.
    private JsonNode strange() {
        return STRANGE.get(random.nextInt(STRANGE.size())).deepCopy();
    }

    private ObjectNode changeField(ObjectNode object) {
        List<String> names = new ArrayList<>(object.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(5)) {
            case 0 -> object.remove(name);
            case 1 -> object.set(name + "x", object.get(name));
            default -> object.set(name, change(object.get(name)));
        }
        return object;
    }

    private ArrayNode changeItem(ArrayNode array) {
        int at = random.nextInt(array.size());
        switch (random.nextInt(5)) {
            case 0 -> array.remove(at);
            case 1 -> array.add(array.get(at));
            default -> array.set(at, change(array.get(at)));
        }
        return array;
    }

    /// Returns alternating names and values of headers that this client may set.
    String[] headers(Set<String> always) {
        List<String> headers = new ArrayList<>();
        always.forEach(name -> headers.addAll(List.of(name, "application/json")));
        if (random.nextInt(3) == 0) {
            String name = HEADERS.get(random.nextInt(HEADERS.size()));
            if (!always.contains(name)) {
                headers.addAll(List.of(name, VALUES.get(random.nextInt(VALUES.size()))));
            }
        }
        return headers.toArray(String[]::new);
    }

    /// Returns the valid query, or a mutated one.
    String query(String example) {
        if (random.nextInt(6) == 0) {
            return QUERIES.get(random.nextInt(QUERIES.size()));
        }
        return example.isEmpty() ? "" : "?" + example;
    }

    boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }
}
