package org.alborz.cuda.natives;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What can be told of a library from its file. */
final class Elf {
    static final int MAGIC = 0x464c457f;
    static final int CLASS_64 = 2;
    static final int X86_64 = 62;
    private static final int HEADER_BYTES = 20;
    private static final int CLASS = 4;
    private static final int MACHINE = 18;

    /** Beyond this a library is certainly more than a thin one that loads others. */
    private static final long MOST_TO_READ = 16 << 20;

    private Elf() {}

    /** Returns why a file is no library that this JVM could load, or nothing where it may be one. */
    static Optional<String> fault(Path path) {
        byte[] header;
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            return Optional.of("it is not a file"); // a pipe would be waited for
        }
        try (InputStream file = Files.newInputStream(path)) {
            header = file.readNBytes(HEADER_BYTES);
        } catch (AccessDeniedException e) {
            return Optional.of("it may not be read; remedy: chmod a+r " + path);
        } catch (IOException e) {
            return Optional.of("it cannot be read (" + e + ")");
        }
        ByteBuffer elf = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (header.length < HEADER_BYTES || elf.getInt(0) != MAGIC) {
            return Optional.of("it is not a library");
        }
        boolean fits = elf.get(CLASS) == CLASS_64 && elf.getShort(MACHINE) == X86_64;
        return fits ? Optional.empty() : Optional.of("it is for another processor than 64-bit x86");
    }

    /** Returns whether a thin library contains a text. */
    static boolean mentions(Path path, String text) {
        try {
            return Files.isRegularFile(path)
                    && Files.size(path) <= MOST_TO_READ
                    && new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1).contains(text);
        } catch (IOException e) {
            return false;
        }
    }
}
