package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/** Writes named tensors into a safetensors file. */
final class TensorOutput {
    private TensorOutput() {}

    /** Writes a file whole or not at all. */
    static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        List<SafetensorsEntry> entries = new ArrayList<>();
        tensors.forEach((name, tensor) -> entries.add(entry(name, tensor)));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, entries)) {
            tensors.forEach((name, tensor) -> write(writer, name, tensor));
            writer.commit();
        }
    }

    private static SafetensorsEntry entry(String name, Tensor tensor) {
        return new SafetensorsEntry(name, SafetensorsType.of(tensor.dtype()), tensor.shape());
    }

    private static void write(SafetensorsWriter writer, String name, Tensor tensor) {
        switch (tensor.dtype()) {
            case FLOAT64 -> writer.write(name, tensor.toDoubles());
            case FLOAT32 -> writer.write(name, tensor.toFloats());
            case INT32 -> writer.write(name, tensor.toInts());
            case INT64 -> writer.write(name, tensor.toLongs());
            case UINT8, BOOL -> {
                ByteBuffer bytes = ByteBuffer.allocate(entry(name, tensor).arrayLength(1));
                tensor.read(bytes);
                writer.write(name, bytes.rewind());
            }
            case FLOAT16, BFLOAT16 -> {
                short[] bits = new short[entry(name, tensor).arrayLength(Short.BYTES)];
                tensor.read(ShortBuffer.wrap(bits));
                ByteBuffer bytes =
                        ByteBuffer.allocate(bits.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asShortBuffer().put(bits);
                writer.write(name, bytes);
            }
        }
    }

    /**
     * Refuses numbers that could not be loaded again.
     *
     * @param allowed what each may hold, by name; finite numbers where it is not there
     */
    static void requireFinite(Path file, Map<String, Tensor> tensors, Map<String, FiniteNumbers> allowed) {
        tensors.forEach((name, tensor) -> {
            if (tensor.dtype().isFloating() && !isFinite(tensor)) {
                double[] numbers = tensor.toDoubles();
                allowed.getOrDefault(name, FiniteNumbers.FINITE)
                        .require(
                                file + " was not written",
                                entry(name, tensor),
                                numbers.length,
                                i -> numbers[i],
                                "the run has diverged; go on from an earlier checkpoint with a lower learning rate");
            }
        });
    }

    private static boolean isFinite(Tensor tensor) {
        // 0 · x is 0 for every finite x and NaN for the others.
        try (Scope check = tensor.session().scope("finite")) {
            return tensor.mul(0).sum().item() == 0;
        }
    }
}
