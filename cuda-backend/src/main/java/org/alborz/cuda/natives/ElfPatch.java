package org.alborz.cuda.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes a library ask for another one in place of one that it needs, with a name of the same length: {@code libcublas.so.13} for
 * {@code libcublas.so.12}. Where symbols are asked for under the library's name as their version, as NVIDIA's are, that changes too:
 * it is why a symbolic link would not do.
 *
 * <p>The format: Tool Interface Standard, <i>Executable and Linking Format</i>, version 1.2, chapter 2; symbol versions as in the
 * Linux Standard Base.
 */
final class ElfPatch {
    private static final int PROGRAM_HEADERS = 32;
    private static final int PROGRAM_HEADER_BYTES = 54;
    private static final int PROGRAM_HEADER_COUNT = 56;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int STRING_TABLE = 5;
    private static final int STRING_TABLE_BYTES = 10;
    private static final int NEEDED = 1;
    private static final int VERSIONS_NEEDED = 0x6ffffffe;
    private static final int VERSIONS_NEEDED_COUNT = 0x6fffffff;

    private final byte[] bytes;
    private final ByteBuffer elf;
    private final List<Segment> segments = new ArrayList<>();
    private final List<Entry> dynamic = new ArrayList<>();

    /** A stretch of the file, and where it lies in memory. */
    private record Segment(long address, long offset, long length) {}

    /** An entry of the dynamic section. */
    private record Entry(long tag, long value) {}

    private ElfPatch(byte[] bytes) {
        this.bytes = bytes;
        this.elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns a library that needs {@code to} where the given one needs {@code from}.
     *
     * @throws IllegalArgumentException when it does not need {@code from}, the names differ in length, or it is no 64-bit library
     */
    static byte[] replace(byte[] library, String from, String to) {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException(
                    "Names of the same length are expected, got '" + from + "' and '" + to + "'");
        }
        ElfPatch patch = new ElfPatch(library.clone());
        try {
            patch.readHeaders();
            patch.renameLibrary(from, to);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("The library that should need " + from + " is cut off or damaged", e);
        }
        return patch.bytes;
    }

    private void readHeaders() {
        if (bytes.length < 64 || elf.getInt(0) != Elf.MAGIC || elf.get(4) != Elf.CLASS_64) {
            throw new IllegalArgumentException(
                    "A 64-bit ELF library is expected, got " + bytes.length + " other bytes");
        }
        int size = Short.toUnsignedInt(elf.getShort(PROGRAM_HEADER_BYTES));
        int count = Short.toUnsignedInt(elf.getShort(PROGRAM_HEADER_COUNT));
        for (int i = 0; i < count; i++) {
            int header = Math.toIntExact(elf.getLong(PROGRAM_HEADERS)) + i * size;
            int type = elf.getInt(header);
            Segment segment = new Segment(elf.getLong(header + 16), elf.getLong(header + 8), elf.getLong(header + 32));
            if (type == LOAD) {
                segments.add(segment);
            } else if (type == DYNAMIC) {
                readDynamic(segment);
            }
        }
    }

    private void readDynamic(Segment section) {
        for (long at = section.offset(); at < section.offset() + section.length(); at += 16) {
            long tag = elf.getLong((int) at);
            if (tag == 0) {
                return;
            }
            dynamic.add(new Entry(tag, elf.getLong((int) at + 8)));
        }
    }

    /**
     * Overwrites the name in the table of strings. Linkers store equal strings once, and may let one string be the tail of another:
     * what stands before the name must be the end of a string, so that no other name changes.
     */
    private void renameLibrary(String from, String to) {
        int strings = offsetOf(value(STRING_TABLE));
        int end = strings + (int) value(STRING_TABLE_BYTES);
        byte[] name = (from + "\0").getBytes(StandardCharsets.ISO_8859_1);
        boolean needed = dynamic.stream()
                .anyMatch(e ->
                        e.tag() == NEEDED && textAt(strings + (int) e.value()).equals(from));
        if (!needed) {
            throw new IllegalArgumentException("The library does not need " + from);
        }
        renameVersions(strings, from, to);
        for (int at = strings + 1; at + name.length <= end; at++) {
            if (bytes[at - 1] == 0 && Arrays.equals(bytes, at, at + name.length, name, 0, name.length)) {
                System.arraycopy(to.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, at, to.length());
            }
        }
    }

    /** A version is compared by its hash first. */
    private void renameVersions(int strings, String from, String to) {
        long libraries = value(VERSIONS_NEEDED_COUNT);
        if (libraries == 0) {
            return;
        }
        int library = offsetOf(value(VERSIONS_NEEDED));
        for (long i = 0; i < libraries; i++) {
            int count = Short.toUnsignedInt(elf.getShort(library + 2));
            int version = library + elf.getInt(library + 8);
            for (int k = 0; k < count; k++) {
                if (textAt(strings + elf.getInt(version + 8)).equals(from)) {
                    elf.putInt(version, hash(to));
                }
                version += elf.getInt(version + 12);
            }
            library += elf.getInt(library + 12);
        }
    }

    private long value(long tag) {
        return dynamic.stream()
                .filter(e -> e.tag() == tag)
                .mapToLong(Entry::value)
                .findFirst()
                .orElse(0);
    }

    private int offsetOf(long address) {
        return segments.stream()
                .filter(s -> address >= s.address() && address < s.address() + s.length())
                .mapToInt(s -> Math.toIntExact(address - s.address() + s.offset()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The library's dynamic section points outside of it"));
    }

    private String textAt(int offset) {
        int end = offset;
        while (bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.ISO_8859_1);
    }

    /** Hashes a name as the System V ABI asks. */
    static int hash(String name) {
        int hash = 0;
        for (byte b : name.getBytes(StandardCharsets.ISO_8859_1)) {
            hash = (hash << 4) + Byte.toUnsignedInt(b);
            int high = hash & 0xf0000000;
            hash = (hash ^ high >>> 24) & ~high;
        }
        return hash;
    }
}
