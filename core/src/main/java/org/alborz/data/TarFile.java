package org.alborz.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Unpacks known files from a tar archive packed with gzip, and ignores all others. */
final class TarFile {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_BYTES = 12;
    private static final int TYPE_AT = 156;
    private static final int PREFIX_AT = 345;
    private static final int PREFIX_BYTES = 155;

    private TarFile() {}

    /**
     * Writes the files {@code folder/member} of an archive into a directory. Each appears under its name when it is whole.
     *
     * @throws DataException when the archive is damaged, or a member is not in it
     */
    static void unpack(Path archive, String folder, List<String> members, Path directory) {
        Set<String> missing = new HashSet<>(members);
        try (InputStream file = FileInput.open(archive, Long.MAX_VALUE);
                InputStream in = new BufferedInputStream(new GZIPInputStream(file, 1 << 16), 1 << 16)) {
            Path into = Files.createDirectories(directory.resolve(folder));
            byte[] header = new byte[BLOCK];
            while (!missing.isEmpty() && in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
                long size = size(archive, header);
                String member = member(header, folder);
                if (isFile(header) && missing.remove(member)) {
                    write(in, size, into.resolve(member));
                } else {
                    in.skipNBytes(size);
                }
                in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
            }
        } catch (EOFException | ZipException e) {
            throw new DataException(FileInput.name(archive) + " ends early or is damaged; delete it", e);
        } catch (IOException e) {
            throw FileInput.unreadable(archive, e);
        }
        if (!missing.isEmpty()) {
            throw new DataException(FileInput.name(archive) + " should hold " + missing + " in its folder " + folder
                    + ", and does not; delete it");
        }
    }

    private static boolean isFile(byte[] header) {
        return header[TYPE_AT] == '0' || header[TYPE_AT] == 0;
    }

    /** Returns the name of a file directly in the folder; of others a name that no member has. */
    private static String member(byte[] header, String folder) {
        String prefix = text(header, PREFIX_AT, PREFIX_BYTES);
        String path = (prefix.isEmpty() ? "" : prefix + "/") + text(header, 0, NAME_BYTES);
        String plain = path.startsWith("./") ? path.substring(2) : path;
        return plain.startsWith(folder + "/") ? plain.substring(folder.length() + 1) : "";
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.US_ASCII);
    }

    private static long size(Path archive, byte[] header) {
        String octal = text(header, SIZE_AT, SIZE_BYTES).strip();
        try {
            return octal.isEmpty() ? 0 : Long.parseUnsignedLong(octal, 8);
        } catch (NumberFormatException e) {
            throw new DataException(FileInput.name(archive) + " is no tar archive or is damaged; delete it", e);
        }
    }

    private static void write(InputStream in, long size, Path target) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        byte[] bytes = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(part)) {
            for (long rest = size; rest > 0; ) {
                int read = in.read(bytes, 0, (int) Math.min(rest, bytes.length));
                if (read < 0) {
                    throw new EOFException("the archive ends in " + target.getFileName());
                }
                out.write(bytes, 0, read);
                rest -= read;
            }
        }
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
}
