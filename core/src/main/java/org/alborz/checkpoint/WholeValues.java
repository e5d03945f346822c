package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;

/** Those of a tensor of whole numbers or truth values, whose type is the file's. */
final class WholeValues implements HostValues {
    private final SafetensorsEntry entry;
    private final Tensor target;
    private final ByteBuffer bytes;

    WholeValues(SafetensorsEntry entry, Tensor target) {
        this.entry = entry;
        this.target = target;
        this.bytes = ByteBuffer.allocate(
                        entry.arrayLength(entry.type().bytes()) * entry.type().bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void take(ByteBuffer part) {
        bytes.put(part);
    }

    @Override
    public SafetensorsEntry entry() {
        return entry;
    }

    @Override
    public void requireAssignable(String file) {
        for (int i = 0; target.dtype() == DType.BOOL && i < bytes.capacity(); i++) {
            if ((bytes.get(i) & ~1) != 0) {
                throw new CheckpointException(file + ": tensor " + entry + " holds " + (bytes.get(i) & 0xFF)
                        + " at index " + i + ", and a truth value is 0 or 1; use another file");
            }
        }
    }

    @Override
    public boolean isSame(HostValues other) {
        return ((WholeValues) other).bytes.rewind().equals(bytes.rewind());
    }

    @Override
    public void assign() {
        bytes.rewind();
        switch (target.dtype()) {
            case INT32 -> target.assignRowMajor(bytes.asIntBuffer());
            case INT64 -> target.assignRowMajor(bytes.asLongBuffer());
            case UINT8, BOOL -> target.assignRowMajor(bytes);
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 ->
                throw new IllegalStateException(target.describe() + " is not whole");
        }
    }
}
