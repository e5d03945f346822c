package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alborz.type.Shape;

/** Changes a checkpoint in one of many ways, all decided by a seed. */
final class Mutations {
    private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9]+|[\\[\\]{},:]");
    private static final List<String> NUMBERS = List.of(
            "-1",
            "0",
            "1",
            "2147483647",
            "2147483648",
            "4294967297",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999999999",
            "1e9",
            "1.0",
            "-0",
            "00",
            "0x10",
            "NaN",
            "true",
            "null",
            "\"8\"",
            "[8]",
            "{}");
    private static final List<String> STRINGS = List.of(
            "\"\"",
            "\"__metadata__\"",
            "\"\\ud800\"",
            "\"\\u0000\\u001b[2J\"",
            "\"F64\"",
            "\"BF16\"",
            "\"I32\"",
            "\"F4\"",
            "\"dtype\"",
            "\"shape\"",
            "\"model.0.weight\"",
            "\"" + "n".repeat(5000) + "\"",
            "\"" + "v".repeat(70_000) + "\"",
            "7",
            "null",
            "[]",
            "{\"a\":{\"b\":{\"c\":1}}}");
    private static final List<String> VALUES = List.of(
            "",
            "0",
            "-1",
            "1",
            "1000000000000",
            "9223372036854775807",
            "NaN",
            "Infinity",
            "1e400",
            "x\u001b[2J",
            "\ud800",
            "v".repeat(100_000));

    private final byte[] original;
    private final int dataStart;
    private final Random random;

    /** What was done, for messages, and whether the digest was made to fit. */
    private String description = "";

    private boolean signed;

    Mutations(byte[] original, long seed) {
        this.original = original;
        this.dataStart = 8
                + (int) ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        this.random = new Random(seed);
    }

    String description() {
        return description;
    }

    /** Tells whether the file is a whole one of other content, with its own digest, so that it may be accepted. */
    boolean isSigned() {
        return signed;
    }

    /** Returns the changed file's bytes, or null where it was written to the path. */
    byte[] apply(Path file) {
        return switch (random.nextInt(8)) {
            case 0 -> flip(0, dataStart);
            case 1 -> flip(dataStart, original.length);
            case 2 -> resize();
            case 3 -> length();
            case 4, 5 -> header();
            case 6 -> utf8();
            default -> rewrite(file);
        };
    }

    private byte[] flip(int from, int to) {
        byte[] bytes = original.clone();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int at = from + random.nextInt(to - from);
            int bit = random.nextInt(8);
            bytes[at] ^= (byte) (1 << bit);
            description += "flip bit " + bit + " of byte " + at + "; ";
        }
        return bytes;
    }

    private byte[] resize() {
        int size = random.nextBoolean() ? random.nextInt(original.length) : original.length + 1 + random.nextInt(64);
        description = "size " + size + " in place of " + original.length;
        return Arrays.copyOf(original, size);
    }

    private byte[] length() {
        long[] lengths = {
            0, 1, 2, dataStart - 9, dataStart, original.length, 100_000_000, 100_000_001, Long.MAX_VALUE, -1
        };
        long length = lengths[random.nextInt(lengths.length)];
        description = "header length " + length;
        byte[] bytes = original.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        return bytes;
    }

    /** Changes tokens of the header's JSON and leaves the data alone. */
    private byte[] header() {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(new String(original, 8, dataStart - 8, StandardCharsets.UTF_8));
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            change(tokens);
        }
        return withHeader(String.join("", tokens).getBytes(StandardCharsets.UTF_8));
    }

    private void change(List<String> tokens) {
        int at = random.nextInt(tokens.size());
        String old = tokens.get(at);
        int other = random.nextInt(tokens.size());
        switch (random.nextInt(7)) {
            case 0 -> tokens.remove(at);
            case 1 -> tokens.add(at, old);
            case 2 -> java.util.Collections.swap(tokens, at, other);
            case 3 -> tokens.set(at, "[".repeat(1 + random.nextInt(5000)));
            case 4 -> {
                // A tensor or the metadata a second time.
                int end = Math.min(tokens.size(), at + 22);
                tokens.addAll(at, List.copyOf(tokens.subList(at, end)));
            }
            default -> {
                List<String> choices = old.startsWith("\"") ? STRINGS : NUMBERS;
                tokens.set(at, choices.get(random.nextInt(choices.size())));
            }
        }
        description += "token " + at + " '" + shortened(old) + "' becomes '"
                + shortened(tokens.get(Math.min(at, tokens.size() - 1))) + "'; ";
    }

    private static String shortened(String text) {
        return text.length() < 40 ? text : text.substring(0, 40) + "…";
    }

    private byte[] utf8() {
        byte[] header = Arrays.copyOfRange(original, 8, dataStart);
        int at = random.nextInt(header.length);
        byte[][] bad = {
            {(byte) 0xFF}, {(byte) 0xC0, (byte) 0x80}, {(byte) 0xED, (byte) 0xA0, (byte) 0x80}, {(byte) 0xE2, 0x28}
        };
        byte[] text = bad[random.nextInt(bad.length)];
        System.arraycopy(text, 0, header, at, Math.min(text.length, header.length - at));
        description = "bad UTF-8 at " + at;
        return withHeader(header);
    }

    private byte[] withHeader(byte[] header) {
        int data = original.length - dataStart;
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(header.length)
                .put(header)
                .put(original, dataStart, data)
                .array();
    }

    /** Writes a whole file of other tensors or metadata. */
    private byte[] rewrite(Path file) {
        java.nio.file.Path source = file.resolveSibling("original.safetensors");
        Map<String, String> metadata;
        Map<SafetensorsEntry, byte[]> tensors = new LinkedHashMap<>();
        try (SafetensorsFile saved = SafetensorsFile.open(source)) {
            metadata = saved.metadata();
            for (SafetensorsEntry entry : saved.entries()) {
                byte[] bytes = new byte[(int) entry.bytes()];
                saved.read(entry.name(), ByteBuffer.wrap(bytes));
                tensors.put(entry, bytes);
            }
        }
        if (random.nextBoolean() && !metadata.isEmpty()) {
            changeMetadata(metadata);
        } else {
            changeTensors(tensors);
        }
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, tensors.keySet())) {
            tensors.forEach((entry, bytes) -> writer.write(entry.name(), ByteBuffer.wrap(bytes)));
            writer.commit();
            signed = true;
            return null;
        } catch (IllegalArgumentException e) {
            description += " (cannot be written)";
            return original;
        }
    }

    private void changeMetadata(Map<String, String> metadata) {
        List<String> keys = List.copyOf(metadata.keySet());
        String key = keys.get(random.nextInt(keys.size()));
        String other = keys.get(random.nextInt(keys.size()));
        switch (random.nextInt(4)) {
            case 0 -> metadata.remove(key);
            case 1 -> metadata.put("callback.x" + random.nextInt(), "1");
            case 2 -> {
                String value = metadata.put(key, metadata.get(other));
                metadata.put(other, value);
            }
            default -> metadata.put(key, VALUES.get(random.nextInt(VALUES.size())));
        }
        description = "metadata " + key + " (" + other + ") becomes " + shortened(String.valueOf(metadata.get(key)));
    }

    private void changeTensors(Map<SafetensorsEntry, byte[]> tensors) {
        List<SafetensorsEntry> entries = List.copyOf(tensors.keySet());
        SafetensorsEntry entry = entries.get(random.nextInt(entries.size()));
        byte[] bytes = tensors.remove(entry);
        SafetensorsEntry changed = switch (random.nextInt(5)) {
            case 0 -> new SafetensorsEntry(entry.name() + "x", entry.type(), entry.shape());
            case 1 ->
                new SafetensorsEntry(entry.name(), entry.type(), entry.shape().insert(0, 1));
            case 2 -> new SafetensorsEntry(entry.name(), SafetensorsType.U8, Shape.of((int) entry.bytes()));
            case 3 -> new SafetensorsEntry(entry.name(), SafetensorsType.I32, entry.shape());
            default -> null;
        };
        if (changed != null) {
            tensors.put(changed, bytes);
        }
        description = "tensor " + entry + " becomes " + changed;
    }
}
