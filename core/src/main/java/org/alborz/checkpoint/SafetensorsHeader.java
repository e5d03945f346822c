package org.alborz.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.text.Quoted;

/**
 * What a safetensors file says about its data.
 *
 * <p>Invariant: in the order of {@code tensors} the data is contiguous, from offset 0 of the data to the end of the
 * file.
 *
 * @param dataStart where the data begins, counted from the start of the file
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Placed> tensors, long dataStart) {
    static final String METADATA = "__metadata__";

    /** The format's own limit. */
    static final int MAX_BYTES = 100_000_000;

    static final int LENGTH_BYTES = 8;

    private static final int ALIGNMENT = 8;

    /** A tensor and where its data begins, counted from the start of the data. */
    record Placed(SafetensorsEntry entry, long offset) {
        long end() {
            return offset + entry.bytes();
        }
    }

    /**
     * Lays tensors end to end, those of wide elements first, so that each begins at a multiple of its element size.
     *
     * @throws IllegalArgumentException when two have one name, or a name is reserved
     */
    static SafetensorsHeader lay(Map<String, String> metadata, Iterable<SafetensorsEntry> entries) {
        Map<String, Placed> tensors = new LinkedHashMap<>();
        long offset = 0;
        for (int width = 8; width > 0; width /= 2) {
            for (SafetensorsEntry entry : entries) {
                if (entry.type().bytes() != width) {
                    continue;
                }
                if (entry.name().equals(METADATA)) {
                    throw new IllegalArgumentException(
                            "No tensor can be named " + METADATA + "; the format reserves the name");
                }
                if (tensors.put(entry.name(), new Placed(entry, offset)) != null) {
                    throw new IllegalArgumentException(
                            "Two tensors are named " + Quoted.text(entry.name()) + "; names must be unique");
                }
                if (entry.bytes() > Long.MAX_VALUE - offset) {
                    throw new IllegalArgumentException("A file has at most 2^63 - 1 bytes of tensors, got " + entry
                            + " after " + offset + " bytes of others");
                }
                offset += entry.bytes();
            }
        }
        SafetensorsHeader unplaced = new SafetensorsHeader(
                Collections.unmodifiableMap(new LinkedHashMap<>(metadata)), Collections.unmodifiableMap(tensors), 0);
        return new SafetensorsHeader(
                unplaced.metadata, unplaced.tensors, unplaced.encode().remaining());
    }

    /** Returns the tensors in the order of the file. */
    List<SafetensorsEntry> entries() {
        return tensors.values().stream().map(Placed::entry).toList();
    }

    /**
     * Returns this header with the digest that belongs to it, as long as before where it had one.
     *
     * @param contents by name, the SHA-256 of each tensor's bytes
     */
    SafetensorsHeader withDigest(Map<String, byte[]> contents) {
        Map<String, String> complete = new LinkedHashMap<>(metadata);
        complete.put(ContentDigest.KEY, ContentDigest.of(metadata, entries(), contents));
        return new SafetensorsHeader(complete, tensors, dataStart);
    }

    long dataBytes() {
        long end = 0;
        for (Placed placed : tensors.values()) {
            end = placed.end();
        }
        return end;
    }

    /** Returns the file's bytes in front of the data; spaces at the end let the data begin at a multiple of 8. */
    ByteBuffer encode() {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator generator = new JsonFactory().createGenerator(json)) {
            generator.writeStartObject();
            writeMetadata(generator);
            for (Placed placed : tensors.values()) {
                writeTensor(generator, placed);
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new IllegalArgumentException("A name or metadata cannot be written as JSON: " + e.getMessage(), e);
        }
        int length = (json.size() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "The names and metadata take " + length + " bytes; the format allows " + MAX_BYTES);
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(json.toByteArray());
        while (bytes.hasRemaining()) {
            bytes.put((byte) ' ');
        }
        return bytes.flip();
    }

    private void writeMetadata(JsonGenerator generator) throws IOException {
        if (metadata.isEmpty()) {
            return;
        }
        generator.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> item : metadata.entrySet()) {
            generator.writeStringField(item.getKey(), item.getValue());
        }
        generator.writeEndObject();
    }

    private static void writeTensor(JsonGenerator generator, Placed placed) throws IOException {
        SafetensorsEntry entry = placed.entry();
        generator.writeObjectFieldStart(entry.name());
        generator.writeStringField("dtype", entry.type().name());
        generator.writeArrayFieldStart("shape");
        for (int size : entry.shape().toArray()) {
            generator.writeNumber(size);
        }
        generator.writeEndArray();
        generator.writeArrayFieldStart("data_offsets");
        generator.writeNumber(placed.offset());
        generator.writeNumber(placed.end());
        generator.writeEndArray();
        generator.writeEndObject();
    }
}
