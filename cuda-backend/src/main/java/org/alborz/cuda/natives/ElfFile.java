package org.alborz.cuda.natives;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The dynamic section of a 64-bit library: what the system's loader reads first.
 *
 * <p>The format: Tool Interface Standard, <i>Executable and Linking Format</i>, version 1.2, chapter 2; symbol versions as in the
 * Linux Standard Base.
 */
final class ElfFile {
    static final long NEEDED = 1;
    static final long STRINGS = 5;
    static final long STRINGS_BYTES = 10;
    static final long VERSIONS_DEFINED = 0x6ffffffcL;
    static final long VERSIONS_DEFINED_COUNT = 0x6ffffffdL;
    static final long VERSIONS_NEEDED = 0x6ffffffeL;
    static final long VERSIONS_NEEDED_COUNT = 0x6fffffffL;

    private static final int HEADER_BYTES = 64;
    private static final int SEGMENTS = 32;
    private static final int SEGMENT_BYTES = 54;
    private static final int SEGMENT_COUNT = 56;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;

    /** Marks the first entry of the versions, which no symbol has. */
    private static final int NAME_OF_LIBRARY = 1;

    private final ByteBuffer bytes;
    private final List<Segment> segments = new ArrayList<>();
    private final List<Entry> dynamic = new ArrayList<>();

    /** A segment of the file and its address in memory. */
    private record Segment(long address, long offset, long length) {}

    /** An entry of the dynamic section. */
    private record Entry(long tag, long value) {}

    /**
     * Reads a library's headers.
     *
     * @throws IllegalArgumentException when it is no 64-bit library
     * @throws IndexOutOfBoundsException when it is cut off
     */
    ElfFile(ByteBuffer library) {
        bytes = library.order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEADER_BYTES || bytes.getInt(0) != Elf.MAGIC || bytes.get(4) != Elf.CLASS_64) {
            throw new IllegalArgumentException("Expected a 64-bit ELF library, got " + bytes.limit() + " other bytes");
        }
        int size = Short.toUnsignedInt(bytes.getShort(SEGMENT_BYTES));
        int count = Short.toUnsignedInt(bytes.getShort(SEGMENT_COUNT));
        for (int i = 0; i < count; i++) {
            readSegment(Math.toIntExact(bytes.getLong(SEGMENTS)) + i * size);
        }
    }

    /** Reads a library's headers from its file; the rest of it stays on disk. */
    static ElfFile of(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path)) {
            long length = Math.min(file.size(), Integer.MAX_VALUE);
            return new ElfFile(file.map(FileChannel.MapMode.READ_ONLY, 0, length));
        }
    }

    private void readSegment(int header) {
        int type = bytes.getInt(header);
        Segment segment =
                new Segment(bytes.getLong(header + 16), bytes.getLong(header + 8), bytes.getLong(header + 32));
        if (type == LOAD) {
            segments.add(segment);
        } else if (type == DYNAMIC) {
            readDynamic(segment);
        }
    }

    private void readDynamic(Segment section) {
        for (long at = section.offset(); at < section.offset() + section.length(); at += 16) {
            long tag = bytes.getLong(Math.toIntExact(at));
            if (tag == 0) {
                return;
            }
            dynamic.add(new Entry(tag, bytes.getLong(Math.toIntExact(at) + 8)));
        }
    }

    /** Returns the names of the libraries that this one needs. */
    List<String> needed() {
        return dynamic.stream()
                .filter(e -> e.tag() == NEEDED)
                .map(e -> string(e.value()))
                .toList();
    }

    /** Returns the versions under which this library has symbols. */
    List<String> definedVersions() {
        List<String> versions = new ArrayList<>();
        long count = value(VERSIONS_DEFINED_COUNT);
        int version = count == 0 ? 0 : offsetOf(value(VERSIONS_DEFINED));
        for (long i = 0; i < count; i++) {
            if ((bytes.getShort(version + 2) & NAME_OF_LIBRARY) == 0) {
                versions.add(string(bytes.getInt(version + bytes.getInt(version + 12))));
            }
            int next = bytes.getInt(version + 16);
            if (next <= 0 && i < count - 1) {
                throw new IllegalArgumentException("The library's versions do not follow one another");
            }
            version += next;
        }
        return versions;
    }

    /** Returns the value of an entry of the dynamic section, or 0 where there is none. */
    long value(long tag) {
        return dynamic.stream()
                .filter(e -> e.tag() == tag)
                .mapToLong(Entry::value)
                .findFirst()
                .orElse(0);
    }

    /** Returns a text of the table of strings. */
    String string(long at) {
        int start = offsetOf(value(STRINGS)) + Math.toIntExact(at);
        int end = start;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        bytes.get(start, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /** Returns the position in the file of an address. */
    int offsetOf(long address) {
        return segments.stream()
                .filter(s -> address >= s.address() && address < s.address() + s.length())
                .mapToInt(s -> Math.toIntExact(address - s.address() + s.offset()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The library's dynamic section points outside of it"));
    }
}
