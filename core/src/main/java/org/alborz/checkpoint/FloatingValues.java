package org.alborz.checkpoint;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/** Those of a floating tensor; another floating type is converted. */
final class FloatingValues implements HostValues {
    private final SafetensorsEntry entry;
    private final Tensor target;
    private final FiniteNumbers allowed;

    /** Exactly one is not null: bits where the stored type is the target's and has 16, doubles for float64, floats otherwise. */
    private final short[] bits;

    private final float[] floats;
    private final double[] doubles;
    private int count;
    private boolean overflow;

    /**
     * Makes room for a tensor.
     *
     * @param allowed what it may hold
     */
    FloatingValues(SafetensorsEntry entry, Tensor target, FiniteNumbers allowed) {
        int elements = entry.arrayLength(1);
        boolean same = entry.type() == SafetensorsType.of(target.dtype());
        this.entry = entry;
        this.target = target;
        this.allowed = allowed;
        this.bits = same && entry.type().bytes() == Short.BYTES ? new short[elements] : null;
        this.doubles = target.dtype() == DType.FLOAT64 ? new double[elements] : null;
        this.floats = bits == null && doubles == null ? new float[elements] : null;
    }

    @Override
    public void take(ByteBuffer part) {
        int more = part.remaining() / entry.type().bytes();
        if (bits != null) {
            part.asShortBuffer().get(bits, count, more);
        } else if (target.dtype() == DType.FLOAT32 && entry.type() == SafetensorsType.F32) {
            part.asFloatBuffer().get(floats, count, more);
        } else if (doubles != null && entry.type() == SafetensorsType.F64) {
            part.asDoubleBuffer().get(doubles, count, more);
        } else {
            convert(part, more);
        }
        count += more;
    }

    private void convert(ByteBuffer part, int more) {
        double most = SafetensorsType.of(target.dtype()).mostFinite();
        for (int i = 0; i < more; i++) {
            double value = entry.type().toDouble(part);
            overflow |= Double.isFinite(value) && Math.abs(value) > most;
            if (doubles != null) {
                doubles[count + i] = value;
            } else {
                floats[count + i] = (float) value;
            }
        }
    }

    @Override
    public void requireAssignable(String file) {
        if (overflow) {
            throw new CheckpointException(file + ": tensor " + entry + " holds numbers beyond the largest "
                    + target.dtype() + ", " + SafetensorsType.of(target.dtype()).mostFinite()
                    + "; open the session with a data type of a wider range");
        }
        allowed.require(file, entry, count, this::number, "it is of a run that diverged; use another checkpoint");
    }

    @Override
    public SafetensorsEntry entry() {
        return entry;
    }

    @Override
    public boolean isSame(HostValues other) {
        FloatingValues copy = (FloatingValues) other;
        for (int i = 0; i < count; i++) {
            if (number(i) != copy.number(i)) {
                return false;
            }
        }
        return true;
    }

    private double number(int index) {
        if (floats != null) {
            return floats[index];
        }
        return doubles != null ? doubles[index] : entry.type().toDouble(bits[index]);
    }

    @Override
    public void assign() {
        if (bits != null) {
            target.assignRowMajor(ShortBuffer.wrap(bits));
        } else if (doubles != null) {
            target.assignRowMajor(DoubleBuffer.wrap(doubles));
        } else if (target.dtype() == DType.FLOAT32) {
            target.assignRowMajor(FloatBuffer.wrap(floats));
        } else {
            assignRounded();
        }
    }

    private void assignRounded() {
        Session session = target.session();
        try (Scope scope = session.scope("conversion")) {
            Tensor wide = session.empty(DType.FLOAT32, Layout.rowMajor(target.shape()));
            session.write(floats, wide);
            target.assign(wide.to(target.dtype()));
        }
    }
}
