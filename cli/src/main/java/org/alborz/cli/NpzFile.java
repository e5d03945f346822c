package org.alborz.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/**
 * Writes NumPy's archives: a zip file, not compressed, with an array {@code NAME.npy} for each tensor, as {@code numpy.savez} does. NumPy has no
 * bfloat16, whose values become float32.
 *
 * <p>Source: "numpy.lib.format", version 1.0 of the format, NumPy documentation.
 */
final class NpzFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    /** Data begin at multiples of this. */
    private static final int ALIGNMENT = 64;

    private NpzFile() {}

    /** Writes a file, which is whole or as it was before. */
    static void write(Path file, Map<String, Parameter> parameters) {
        Path target = file.toAbsolutePath();
        Path whole = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(whole))) {
                zip.setMethod(ZipOutputStream.STORED);
                for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
                    put(zip, entry.getKey() + ".npy", entry.getValue().value());
                }
            }
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw CommandFailure.unwritable(file, e);
        } finally {
            whole.toFile().delete(); // where it was not moved
        }
    }

    private static void put(ZipOutputStream zip, String name, Tensor tensor) throws IOException {
        byte[] header = header(tensor);
        byte[] data = data(tensor);
        CRC32 crc = new CRC32();
        crc.update(header);
        crc.update(data);
        ZipEntry entry = new ZipEntry(name);
        entry.setSize((long) header.length + data.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        write(zip, header);
        write(zip, data);
        zip.closeEntry();
    }

    private static void write(OutputStream to, byte[] bytes) throws IOException {
        to.write(bytes, 0, bytes.length);
    }

    private static byte[] header(Tensor tensor) {
        String sizes = Arrays.stream(tensor.shape().toArray())
                .mapToObj(size -> size + ",")
                .collect(Collectors.joining(" "));
        String text = "{'descr': '" + description(tensor) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int prefix = MAGIC.length + Short.BYTES;
        int length = (prefix + text.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT - prefix;
        ByteBuffer header = ByteBuffer.allocate(prefix + length).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).putShort((short) length);
        header.put((text + " ".repeat(length - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
        return header.array();
    }

    private static String description(Tensor tensor) {
        return switch (written(tensor.dtype())) {
            case FLOAT32 -> "<f4";
            case BFLOAT16 -> throw new IllegalStateException("NumPy has no bfloat16");
            case FLOAT64 -> "<f8";
            case FLOAT16 -> "<f2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case UINT8 -> "|u1";
            case BOOL -> "|b1";
        };
    }

    /** Returns the type that values of a type are written in. */
    static DType written(DType type) {
        return type == DType.BFLOAT16 ? DType.FLOAT32 : type;
    }

    private static byte[] data(Tensor tensor) {
        int width = written(tensor.dtype()).bytes();
        byte[] data = new byte[Math.multiplyExact(Math.toIntExact(tensor.shape().elements()), width)];
        ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        switch (tensor.dtype()) {
            case FLOAT32, BFLOAT16 -> bytes.asFloatBuffer().put(tensor.toFloats());
            case FLOAT64 -> bytes.asDoubleBuffer().put(tensor.toDoubles());
            case INT32 -> bytes.asIntBuffer().put(tensor.toInts());
            case INT64 -> bytes.asLongBuffer().put(tensor.toLongs());
            case FLOAT16 -> tensor.read(bytes.asShortBuffer());
            case UINT8, BOOL -> tensor.read(bytes);
        }
        return data;
    }
}
