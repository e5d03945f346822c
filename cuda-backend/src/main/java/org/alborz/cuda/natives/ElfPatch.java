package org.alborz.cuda.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes a library ask for another one in place of one that it needs, with a name of the same length: {@code libcublas.so.13} for
 * {@code libcublas.so.12}. Where symbols are asked for under the library's name as their version, as NVIDIA's are, that changes too:
 * it is why a symbolic link would not do.
 */
final class ElfPatch {
    private final byte[] bytes;
    private final ByteBuffer elf;
    private final ElfFile file;

    private ElfPatch(byte[] bytes) {
        this.bytes = bytes;
        this.elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.file = new ElfFile(elf);
    }

    /**
     * Returns a library that needs {@code to} where the given one needs {@code from}.
     *
     * @throws IllegalArgumentException when it does not need {@code from}, the names differ in length, or it is no 64-bit library
     */
    static byte[] replace(byte[] library, String from, String to) {
        if (from.length() != to.length()) {
            throw new IllegalArgumentException(
                    "Expected names of the same length, got '" + from + "' and '" + to + "'");
        }
        try {
            ElfPatch patch = new ElfPatch(library.clone());
            if (!patch.file.needed().contains(from)) {
                throw new IllegalArgumentException("The library does not need " + from);
            }
            patch.renameVersions(from, to);
            patch.renameStrings(from, to);
            return patch.bytes;
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("The library that should need " + from + " is cut off or damaged", e);
        }
    }

    /** A version is compared by its hash first. */
    private void renameVersions(String from, String to) {
        long libraries = file.value(ElfFile.VERSIONS_NEEDED_COUNT);
        int library = libraries == 0 ? 0 : file.offsetOf(file.value(ElfFile.VERSIONS_NEEDED));
        for (long i = 0; i < libraries; i++) {
            int count = Short.toUnsignedInt(elf.getShort(library + 2));
            int version = library + elf.getInt(library + 8);
            for (int k = 0; k < count; k++) {
                if (file.string(elf.getInt(version + 8)).equals(from)) {
                    elf.putInt(version, hash(to));
                }
                version += elf.getInt(version + 12);
            }
            library += elf.getInt(library + 12);
        }
    }

    /**
     * Overwrites the name in the table of strings. Linkers store equal strings once, and may let one string be the tail of another:
     * what stands before the name must be the end of a string, so that no other name changes.
     */
    private void renameStrings(String from, String to) {
        int start = file.offsetOf(file.value(ElfFile.STRINGS));
        int end = start + Math.toIntExact(file.value(ElfFile.STRINGS_BYTES));
        byte[] name = (from + "\0").getBytes(StandardCharsets.ISO_8859_1);
        for (int at = start + 1; at + name.length <= end; at++) {
            if (bytes[at - 1] == 0 && Arrays.equals(bytes, at, at + name.length, name, 0, name.length)) {
                System.arraycopy(to.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, at, to.length());
            }
        }
    }

    /** Hashes a name as the System V ABI asks. */
    static int hash(String name) {
        int hash = 0;
        for (byte b : name.getBytes(StandardCharsets.ISO_8859_1)) {
            hash = (hash << 4) + Byte.toUnsignedInt(b);
            int high = hash & 0xf0000000;
            hash = (hash ^ (high >>> 24)) & ~high;
        }
        return hash;
    }
}
