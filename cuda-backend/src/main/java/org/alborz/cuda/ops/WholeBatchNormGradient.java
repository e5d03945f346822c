package org.alborz.cuda.ops;

import java.util.Optional;
import java.util.stream.Stream;
import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * The gradient of a batch normalisation in one launch that reads x and dy once: its blocks run at the same time and keep what they read in
 * registers, and in shared memory where these are too few, while they wait for the sums of all. Only where all of it fits and parameters are
 * float32.
 *
 * <p>What fits is counted against a fixed number of multiprocessors and a fixed part of their shared memory, so that GPUs with at least as many
 * give the same bits. One with fewer divides otherwise, or takes two launches, from smaller sizes on, and last digits may differ.
 */
final class WholeBatchNormGradient {
    /** How many pieces of 16 bytes of x, and of dy, a thread keeps in registers: {@code KEPT} of the kernels. */
    private static final int IN_REGISTERS = 16;

    /** How many more it keeps in shared memory where registers are too few; half as many where that is enough, so that more blocks work. */
    private static final int IN_SHARED = 16;

    /** Shared memory that is left to the kernel itself. */
    private static final int OWN_SHARED_BYTES = 32 << 10;

    private static final int BYTES_AT_ONCE = 16;

    /** The multiprocessors of an H100. */
    private static final int MOST_BLOCKS = 132;

    /**
     * How a gradient is divided.
     *
     * @param blocks how many blocks there are
     * @param inShared how many pieces of x, and of dy, each thread keeps in shared memory
     */
    record Division(int blocks, int inShared) {
        /** Returns the bytes of shared memory that each block keeps pieces in. */
        int sharedBytes() {
            return 2 * inShared * LaunchContext.THREADS * BYTES_AT_ONCE;
        }
    }

    private final LaunchContext context;
    private final FinishedBlocks finished;

    WholeBatchNormGradient(LaunchContext context, FinishedBlocks finished) {
        this.context = context;
        this.finished = finished;
    }

    /**
     * Computes the gradient as {@link CudaNormalization#batchNormBackward} does.
     *
     * @param y what the activation gave, or null
     * @param gate which of its results are at no bound, or null
     * @param daddend null where it is not needed
     * @return whether it fits; if not, nothing is done
     */
    boolean apply(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Activation activation,
            Operand y,
            Operand gate,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend) {
        DType dtype = x.dtype();
        long channels = x.shape().size(1);
        long elements = Operands.elements(x);
        Division division = division(x, gamma, y, dy, dx, daddend).orElse(null);
        if (division == null) {
            return false;
        }
        long rows = elements / channels;
        try (TemporaryBuffer partial = context.pool().borrow(dtype.accumulator(), 3L * division.blocks() * channels);
                TemporaryBuffer sums = context.pool().borrow(dtype.accumulator(), 2 * channels)) {
            context.kernels()
                    .batchNormBackwardWhole(
                            dtype,
                            epsilon,
                            x,
                            gamma,
                            mean,
                            variance,
                            activation,
                            y,
                            gate,
                            dy,
                            daddend,
                            dx,
                            partial,
                            finished,
                            dgamma,
                            dbeta,
                            sums,
                            rows,
                            channels,
                            division.inShared());
            context.runTogether(division.blocks(), division.sharedBytes());
        }
        return true;
    }

    /** Returns how blocks keep all elements of x; empty where they do not. */
    Optional<Division> division(Operand x, Operand gamma, Operand y, Operand dy, Operand dx, Operand daddend) {
        boolean areAligned = Stream.of(x, y, dy, dx, daddend).allMatch(WholeBatchNormGradient::isAligned);
        return areAligned && gamma.dtype() == DType.FLOAT32
                ? divide(
                        x.dtype(),
                        Operands.elements(x),
                        x.shape().size(1),
                        context.togetherBlocks(),
                        context.sharedBytes())
                : Optional.empty();
    }

    /**
     * Returns how blocks keep all elements; empty where they do not fit or threads would have several channels.
     *
     * @param together how many blocks the device can run at the same time
     * @param sharedBytes what shared memory a block has at most
     */
    static Optional<Division> divide(DType dtype, long elements, long channels, int together, int sharedBytes) {
        int atOnce = BYTES_AT_ONCE / dtype.bytes();
        boolean isRegular = channels % atOnce == 0 && LaunchContext.THREADS % (channels / atOnce) == 0;
        return Stream.of(0, IN_SHARED / 2, IN_SHARED)
                .map(inShared -> {
                    long perBlock = (long) (IN_REGISTERS + inShared) * LaunchContext.THREADS * atOnce;
                    long blocks = (elements + perBlock - 1) / perBlock;
                    return new Division((int) Math.min(Integer.MAX_VALUE, blocks), inShared);
                })
                .filter(d -> isRegular && d.blocks() <= Math.min(MOST_BLOCKS, together))
                .filter(d -> d.inShared() == 0 || d.sharedBytes() + OWN_SHARED_BYTES <= sharedBytes)
                .findFirst();
    }

    private static boolean isAligned(Operand operand) {
        return operand == null || Operands.address(operand) % BYTES_AT_ONCE == 0;
    }
}
