package org.alborz.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.checkpoint.SafetensorsHeader.Placed;
import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/**
 * Reads the JSON of a safetensors header and believes nothing in it.
 *
 * <p>The text is read as a stream and never held; what is kept of it is counted against a budget, so that a hostile
 * file costs no more memory than its own size, or {@link #LEAST_BUDGET} where that is more, and never more than {@link #MOST_BUDGET}.
 */
final class SafetensorsHeaderParser {
    /** Enough for any header of up to some 40,000 tensors, whatever the size of the file. */
    static final long LEAST_BUDGET = 16L << 20;

    /** More than any file needs, since a sparse file has any size. */
    static final long MOST_BUDGET = 256L << 20;

    static final int MAX_RANK = 16;

    /** At most what a name, an entry, its shape and its places in two maps take, apart from the text. */
    private static final long COST_OF_TENSOR = 400;

    private static final long COST_OF_METADATA = 200;
    private static final int MAX_NAME = 4096;
    private static final int MAX_STRING = 1 << 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(3)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(20)
                    .build())
            .build();

    private final String file;
    private final long dataBytes;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Placed> tensors = new HashMap<>();
    private boolean metadataSeen;
    private long budget;

    private SafetensorsHeaderParser(String file, long fileBytes, long dataBytes) {
        this.file = file;
        this.dataBytes = dataBytes;
        this.budget = Math.min(MOST_BUDGET, Math.max(LEAST_BUDGET, fileBytes));
    }

    /**
     * Reads a header.
     *
     * @param file the file's name for messages
     * @param json the header's text, which ends where the header does
     * @throws CheckpointException when anything is not as the format has it
     * @throws IOException when the file itself cannot be read
     */
    static SafetensorsHeader parse(String file, InputStream json, long fileBytes, long dataStart) throws IOException {
        SafetensorsHeaderParser header = new SafetensorsHeaderParser(file, fileBytes, fileBytes - dataStart);
        Reader reader = new InputStreamReader(
                json,
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
        try (JsonParser parser = JSON.createParser(reader)) {
            header.parseRoot(parser);
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw header.refused("the header is not valid JSON: " + firstLine(e), e);
        }
        return new SafetensorsHeader(Collections.unmodifiableMap(header.metadata), header.inFileOrder(), dataStart);
    }

    private void parseRoot(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "the header", "an object of tensors");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            if (!name.equals(SafetensorsHeader.METADATA)) {
                parseTensor(parser, name);
            } else if (metadataSeen) {
                throw refused("the key " + SafetensorsHeader.METADATA + " appears twice", null);
            } else {
                metadataSeen = true;
                parseMetadata(parser);
            }
        }
        if (parser.nextToken() != null) {
            throw refused("the header goes on after its end; only spaces may follow the closing brace", null);
        }
    }

    private void parseMetadata(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, SafetensorsHeader.METADATA, "an object of strings");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            expect(
                    parser.nextToken(),
                    JsonToken.VALUE_STRING,
                    SafetensorsHeader.METADATA + "." + Quoted.text(key),
                    "a string");
            spend(COST_OF_METADATA + 2L * (key.length() + parser.getTextLength()));
            if (metadata.put(key, parser.getText()) != null) {
                throw refused(
                        "the key " + SafetensorsHeader.METADATA + "." + Quoted.text(key) + " appears twice", null);
            }
        }
    }

    private void parseTensor(JsonParser parser, String name) throws IOException {
        String where = "tensor " + Quoted.text(name);
        spend(COST_OF_TENSOR + 2L * name.length());
        expect(parser.nextToken(), JsonToken.START_OBJECT, where, "an object with dtype, shape and data_offsets");
        SafetensorsType type = null;
        Shape shape = null;
        long[] offsets = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            boolean again;
            switch (key) {
                case "dtype" -> {
                    again = type != null;
                    type = parseType(parser, where);
                }
                case "shape" -> {
                    again = shape != null;
                    shape = parseShape(parser, where);
                }
                case "data_offsets" -> {
                    again = offsets != null;
                    offsets = parseIntegers(parser, where + ", data_offsets", 2);
                }
                default ->
                    throw refused(
                            where + " has the key " + Quoted.text(key)
                                    + "; expected dtype, shape and data_offsets only",
                            null);
            }
            if (again) {
                throw refused(where + " has the key " + key + " twice", null);
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw refused(
                    where + " lacks " + (type == null ? "dtype" : shape == null ? "shape" : "data_offsets"), null);
        }
        add(new SafetensorsEntry(name, type, shape), where, offsets);
    }

    private void add(SafetensorsEntry entry, String where, long[] offsets) {
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
            throw refused(
                    where + " has data_offsets " + Arrays.toString(offsets) + "; expected a begin and an end from 0 to "
                            + dataBytes + ", the bytes of data in the file",
                    null);
        }
        long bytes;
        try {
            bytes = entry.bytes();
        } catch (IllegalArgumentException e) {
            throw refused(where + " has shape " + entry.shape() + ", whose size in bytes exceeds 64 bits", e);
        }
        if (offsets[1] - offsets[0] != bytes) {
            throw refused(
                    where + " has shape " + entry.shape() + " of " + entry.type() + ", which takes " + bytes
                            + " bytes, and data_offsets " + Arrays.toString(offsets) + ", which hold "
                            + (offsets[1] - offsets[0]),
                    null);
        }
        if (tensors.put(entry.name(), new Placed(entry, offsets[0])) != null) {
            throw refused(where + " appears twice", null);
        }
    }

    private SafetensorsType parseType(JsonParser parser, String where) throws IOException {
        expect(parser.nextToken(), JsonToken.VALUE_STRING, where + ", dtype", "a string");
        SafetensorsType type = SafetensorsType.named(parser.getText());
        if (type == null) {
            throw refused(
                    where + " has dtype " + Quoted.text(parser.getText()) + "; expected one of "
                            + Arrays.toString(SafetensorsType.values()),
                    null);
        }
        return type;
    }

    private Shape parseShape(JsonParser parser, String where) throws IOException {
        long[] sizes = parseIntegers(parser, where + ", shape", MAX_RANK);
        int[] narrow = new int[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] > Integer.MAX_VALUE) {
                throw refused(
                        where + " has shape " + Arrays.toString(sizes) + "; expected sizes of at most "
                                + Integer.MAX_VALUE,
                        null);
            }
            narrow[i] = (int) sizes[i];
        }
        try {
            return Shape.of(narrow);
        } catch (IllegalArgumentException e) {
            throw refused(
                    where + " has shape " + Arrays.toString(sizes) + ", whose number of elements exceeds 64 bits", e);
        }
    }

    /** Reads an array of at most {@code most} integers, none negative. */
    private long[] parseIntegers(JsonParser parser, String where, int most) throws IOException {
        expect(parser.nextToken(), JsonToken.START_ARRAY, where, "an array of integers");
        long[] values = new long[most];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, where, "integers");
            long value = parser.getLongValue();
            if (value < 0) {
                throw refused(where + " holds " + value + "; expected integers of at least 0", null);
            }
            if (count == most) {
                throw refused(where + " holds more than " + most + " integers", null);
            }
            values[count++] = value;
        }
        return Arrays.copyOf(values, count);
    }

    /** Checks that the tensors cover the data without holes or overlaps, and returns them in that order. */
    private Map<String, Placed> inFileOrder() {
        List<Placed> sorted = new ArrayList<>(tensors.values());
        sorted.sort(Comparator.comparingLong(Placed::offset).thenComparingLong(Placed::end));
        Map<String, Placed> ordered = new LinkedHashMap<>();
        long end = 0;
        for (Placed placed : sorted) {
            if (placed.offset() != end) {
                throw refused(
                        "tensor " + Quoted.text(placed.entry().name()) + " begins at offset " + placed.offset()
                                + "; expected " + end + ", where the one before ends, without "
                                + (placed.offset() > end ? "a hole" : "an overlap"),
                        null);
            }
            end = placed.end();
            ordered.put(placed.entry().name(), placed);
        }
        if (end != dataBytes) {
            throw refused(
                    "the tensors end at offset " + end + " of " + dataBytes + " bytes of data; expected no bytes after"
                            + " the last",
                    null);
        }
        return Collections.unmodifiableMap(ordered);
    }

    private void expect(JsonToken got, JsonToken expected, String where, String what) {
        if (got != expected) {
            throw refused(
                    where + " should be " + what + ", got " + (got == null ? "the end of the header" : got), null);
        }
    }

    private void spend(long bytes) {
        budget -= bytes;
        if (budget < 0) {
            throw refused(
                    "the header would take more memory than the file's size, or than " + LEAST_BUDGET
                            + " bytes where that is more",
                    null);
        }
    }

    private CheckpointException refused(String problem, Throwable cause) {
        return new CheckpointException(
                file + " is not a usable safetensors file: " + problem + ". " + SafetensorsFile.REMEDY, cause);
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return Quoted.text(end < 0 ? message : message.substring(0, end));
    }
}
