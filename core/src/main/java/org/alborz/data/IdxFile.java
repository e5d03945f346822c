package org.alborz.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes from a file in the IDX format of MNIST (LeCun, Cortes and Burges): two zero bytes, a type, the number of
 * axes, the size of each axis as a big-endian int32, and the values in row-major order. A file that begins as gzip does is unpacked.
 */
record IdxFile(int[] sizes, byte[] values) {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int MOST_AXES = 4;

    /** Images and labels are packed to a tenth at best; a file that says it holds more than this many times its size is not one of them. */
    private static final long MOST_PACKED = 100;

    /** What any file may hold, as a small one of few values may be packed well. */
    private static final long ALWAYS_READ = 1 << 20;

    /** Reads a whole file. */
    static IdxFile read(Path file) {
        try (InputStream in = FileInput.open(file, Integer.MAX_VALUE);
                DataInputStream data = new DataInputStream(FileInput.unpacked(in))) {
            return read(file, Math.max(ALWAYS_READ, MOST_PACKED * Files.size(file)), data);
        } catch (EOFException | ZipException e) {
            throw FileInput.damaged(file, e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
    }

    private static IdxFile read(Path file, long most, DataInputStream in) throws IOException {
        int magic = in.readInt();
        int axes = magic & 0xFF;
        if (magic >>> 16 != 0 || axes < 1 || axes > MOST_AXES) {
            throw new DataException(FileInput.name(file) + " should begin with 00 00, a type and 1 to " + MOST_AXES
                    + " axes, as files in the IDX format of MNIST do, and begins with "
                    + String.format("%08x", magic) + "; check that it is the right file");
        }
        if ((magic >>> 8 & 0xFF) != UNSIGNED_BYTE) {
            throw new DataException(FileInput.name(file) + " should hold unsigned bytes, type 08, and holds type "
                    + String.format("%02x", magic >>> 8 & 0xFF));
        }
        int[] sizes = new int[axes];
        long count = 1;
        for (int i = 0; i < axes; i++) {
            sizes[i] = in.readInt();
            count = sizes[i] < 1 ? 0 : Math.min(Integer.MAX_VALUE, count * sizes[i]);
            if (count == 0 || count > HostArrays.LONGEST) {
                throw new DataException(FileInput.name(file) + " should hold 1 to " + HostArrays.LONGEST
                        + " values, and says it has the sizes " + Arrays.toString(sizes));
            }
        }
        if (count > most) {
            throw new DataException(FileInput.name(file) + " says it has the sizes " + Arrays.toString(sizes) + ", "
                    + count + " values, of which a file of its size holds at most " + most + "; get it again");
        }
        byte[] values = in.readNBytes((int) count); // which allocates no more than there is
        if (values.length < count) {
            throw new DataException(FileInput.name(file) + " should hold " + count + " values for its sizes "
                    + Arrays.toString(sizes) + ", and holds " + values.length + "; get it again");
        }
        if (in.read() >= 0) {
            throw new DataException(FileInput.name(file) + " holds more than the " + count + " values for its sizes "
                    + Arrays.toString(sizes) + "; get it again");
        }
        return new IdxFile(sizes, values);
    }
}
