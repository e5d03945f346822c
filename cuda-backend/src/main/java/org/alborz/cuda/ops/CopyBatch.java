package org.alborz.cuda.ops;

import java.nio.ByteBuffer;
import java.util.List;
import org.alborz.backend.Operand;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.driver.Launcher;
import org.alborz.type.DType;

/**
 * Copies on the device that follow each other, done by one launch; the structure {@code CopyBatch} of {@code copy_batch.cu}. A step copies
 * its gradients to where the optimizer reads them, some ten bytes to some megabytes each, and every launch takes as long as a megabyte.
 * Those of 16 bits are converted to float32 on the way; a launch does copies or conversions of one type.
 *
 * <p>A copy waits here until other work comes, or one that reads or writes what a waiting one writes, or writes what one reads. If an optimizer's step comes, which
 * reads a gradient whose parts are to be converted still, it converts them itself.
 */
final class CopyBatch {
    static final int MOST = 120;

    /** Bytes that a block reads at a time. */
    static final int PIECE = 16_384;

    private static final long MOST_BYTES = (long) PIECE * Integer.MAX_VALUE / 2;
    private static final int TO = MOST * Long.BYTES;
    private static final int SIZES = 2 * TO;
    private static final int FIRST_PIECES = 3 * TO;
    private static final int COUNT = FIRST_PIECES + MOST * Integer.BYTES;
    private static final int BYTES = COUNT + 2 * Integer.BYTES;

    private final LaunchContext context;
    private final Runnable launch = this::launch;
    private final DeviceAddress[] from = new DeviceAddress[MOST];
    private final DeviceAddress[] to = new DeviceAddress[MOST];
    private final long[] bytes = new long[MOST];
    private DType converted;
    private int count;
    private long total;

    CopyBatch(LaunchContext context) {
        this.context = context;
    }

    /** Tells whether dense numbers of one type are converted to another here. */
    static boolean converts(DType from, DType to) {
        return to == DType.FLOAT32 && (from == DType.FLOAT16 || from == DType.BFLOAT16);
    }

    /** Copies or converts so many elements, before all work that is put on the stream later. */
    void add(Operand target, Operand source, long elements) {
        DType type = source.dtype() == target.dtype() ? null : source.dtype();
        add(
                type,
                Operands.pointer(target),
                Operands.pointer(source),
                elements * source.dtype().bytes());
    }

    /** @param type what is converted from, null for a copy */
    private void add(DType type, DeviceAddress target, DeviceAddress source, long size) {
        boolean waits = context.stream().isDelayed(launch);
        if (waits
                && (type != converted
                        || count == MOST
                        || total + size > MOST_BYTES
                        || meets(target.value(), source.value(), size))) {
            context.stream().settle();
            waits = false;
        }
        if (!waits) {
            context.stream().delay(launch);
            converted = type;
            count = 0;
            total = 0;
        }
        from[count] = source;
        to[count] = target;
        bytes[count] = size;
        count++;
        total += size;
    }

    private boolean meets(long target, long source, long size) {
        for (int i = 0; i < count; i++) {
            if (overlap(target, written(size), to[i].value(), written(bytes[i]))
                    || overlap(source, size, to[i].value(), written(bytes[i]))
                    || overlap(target, written(size), from[i].value(), bytes[i])) {
                return true;
            }
        }
        return false;
    }

    /** Returns the bytes that are written where so many are read. */
    private long written(long read) {
        return converted == null ? read : read / converted.bytes() * DType.FLOAT32.bytes();
    }

    private static boolean overlap(long a, long aBytes, long b, long bBytes) {
        return a < b + bBytes && b < a + aBytes;
    }

    /**
     * Leaves the conversions that wait and write parts of a gradient to a step that reads it; {@link #resume} is to be called when the step is on the stream.
     *
     * @param parts receives them
     * @param operands all that the step reads or changes: a conversion that is not left to it and has to do with one is done before it
     * @return the type that is converted from, or null where there are none or they cannot be left to it: then they are done before it
     */
    DType leaveTo(GradientParts parts, Operand gradient, List<KeptOperand> operands) {
        long elements = Operands.elements(gradient);
        if (!context.stream().isDelayed(launch)
                || converted == null
                || gradient.dtype() != DType.FLOAT32
                || elements > Integer.MAX_VALUE) {
            return null;
        }
        long begin = Operands.address(gradient);
        long end = begin + elements * Float.BYTES;
        parts.clear();
        int taken = 0;
        for (int i = 0; i < count; i++) {
            long at = to[i].value();
            if (at >= begin && at + written(bytes[i]) <= end) {
                if (!parts.add((at - begin) / Float.BYTES, from[i].value(), bytes[i] / converted.bytes())) {
                    return null;
                }
                taken++;
            } else if (concerns(i, operands)) {
                return null;
            }
        }
        if (taken == 0 || !parts.end(elements)) {
            return null;
        }
        context.stream().dropDelayed();
        keepOutside(begin, end);
        return converted;
    }

    /** Tells whether a copy reads or writes where an operand is. */
    private boolean concerns(int copy, List<KeptOperand> operands) {
        long source = from[copy].value();
        long target = to[copy].value();
        for (int i = 0; i < operands.size(); i++) {
            KeptOperand operand = operands.get(i);
            if (operand.overlaps(source, source + bytes[copy])
                    || operand.overlaps(target, target + written(bytes[copy]))) {
                return true;
            }
        }
        return false;
    }

    private void keepOutside(long begin, long end) {
        int kept = 0;
        total = 0;
        for (int i = 0; i < count; i++) {
            if (to[i].value() < begin || to[i].value() >= end) {
                from[kept] = from[i];
                to[kept] = to[i];
                bytes[kept] = bytes[i];
                total += bytes[i];
                kept++;
            }
        }
        count = kept;
    }

    /** Keeps back again what {@link #leaveTo} left to nobody. */
    void resume() {
        if (count > 0) {
            context.stream().delay(launch);
        }
    }

    private void launch() {
        if (converted != null) {
            context.kernels().convertBatch(converted, this);
        } else if (count > 1) {
            context.kernels().copyBatch(this);
        } else {
            context.stream().copy(to[0], from[0], bytes[0]);
            return;
        }
        context.run(pieces(), 1);
    }

    private int pieces() {
        int pieces = 0;
        for (int i = 0; i < count; i++) {
            pieces += pieces(bytes[i]);
        }
        return pieces;
    }

    private static int pieces(long size) {
        return (int) ((size + PIECE - 1) / PIECE);
    }

    /** Adds the list to the arguments of a launch. */
    void passTo(Launcher launcher) {
        int at = launcher.structure(BYTES);
        ByteBuffer block = launcher.block();
        int piece = 0;
        for (int i = 0; i < count; i++) {
            block.putLong(at + i * Long.BYTES, from[i].value());
            block.putLong(at + TO + i * Long.BYTES, to[i].value());
            block.putLong(at + SIZES + i * Long.BYTES, bytes[i]);
            block.putInt(at + FIRST_PIECES + i * Integer.BYTES, piece);
            piece += pieces(bytes[i]);
        }
        block.putInt(at + COUNT, count);
        block.putInt(at + COUNT + Integer.BYTES, piece);
        if (launcher.isObserved()) {
            launcher.traffic().read(total);
            launcher.traffic().written(written(total));
        }
    }
}
