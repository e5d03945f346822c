package org.alborz.cuda.ops;

import java.nio.ByteBuffer;
import org.alborz.cuda.driver.Launcher;
import org.alborz.type.DType;

/**
 * Where the numbers of a flat float32 gradient are: parts of it are of 16 bits elsewhere still, and an optimizer's kernel converts them; the structure {@code
 * GradientParts} of {@code gradients.cuh}.
 */
final class GradientParts {
    static final int MOST = 192;

    /** Elements that a block takes at a time. */
    private static final int PIECE = 4096;

    private static final int STARTS = MOST * Long.BYTES;
    private static final int FIRST_PIECES = STARTS + (MOST + 1) * Integer.BYTES;
    private static final int COUNT = FIRST_PIECES + MOST * Integer.BYTES;
    private static final int BYTES = COUNT + 3 * Integer.BYTES;

    private final long[] from = new long[MOST];
    private final int[] starts = new int[MOST + 1];

    /** How many elements are of 16 bits. */
    private long converted;

    private int count;

    /** Begins with a gradient without such parts. */
    void clear() {
        count = 0;
        converted = 0;
        starts[0] = 0;
    }

    /**
     * Adds a part behind those before it.
     *
     * @param start the element of the gradient that it begins at
     * @param address of its numbers of 16 bits
     * @return false where it is not behind them, or there is no room
     */
    boolean add(long start, long address, long elements) {
        boolean fits = start >= starts[count] && addFlat(start) && count < MOST;
        if (fits) {
            from[count++] = address;
            starts[count] = Math.toIntExact(start + elements);
            converted += elements;
        }
        return fits;
    }

    /** Ends the list at the given number of elements; returns whether there was room for those behind the last part. */
    boolean end(long elements) {
        return addFlat(elements);
    }

    /** Adds what is in the gradient already, up to an element, if there is any. */
    private boolean addFlat(long end) {
        if (end == starts[count]) {
            return true;
        }
        if (count == MOST) {
            return false;
        }
        from[count++] = 0;
        starts[count] = Math.toIntExact(end);
        return true;
    }

    /** Tells whether numbers of 16 bits have bytes in common with an operand. */
    boolean overlap(KeptOperand other) {
        for (int i = 0; i < count; i++) {
            long elements = starts[i + 1] - starts[i];
            if (from[i] != 0 && other.overlaps(from[i], from[i] + elements * DType.BFLOAT16.bytes())) {
                return true;
            }
        }
        return false;
    }

    /** Returns how many pieces there are. */
    int pieces() {
        int pieces = 0;
        for (int i = 0; i < count; i++) {
            pieces += pieces(i);
        }
        return pieces;
    }

    private int pieces(int part) {
        return (starts[part + 1] - starts[part] - 1) / PIECE + 1;
    }

    /** Adds the list to the arguments of a launch. */
    void passTo(Launcher launcher) {
        int at = launcher.structure(BYTES);
        ByteBuffer block = launcher.block();
        int piece = 0;
        for (int i = 0; i < count; i++) {
            block.putLong(at + i * Long.BYTES, from[i]);
            block.putInt(at + STARTS + i * Integer.BYTES, starts[i]);
            block.putInt(at + FIRST_PIECES + i * Integer.BYTES, piece);
            piece += pieces(i);
        }
        block.putInt(at + STARTS + count * Integer.BYTES, starts[count]);
        block.putInt(at + COUNT, count);
        block.putInt(at + COUNT + Integer.BYTES, piece);
        if (launcher.isObserved()) {
            // The gradient counts as read already: its converted parts are written instead.
            launcher.traffic().read(converted * DType.BFLOAT16.bytes());
        }
    }
}
