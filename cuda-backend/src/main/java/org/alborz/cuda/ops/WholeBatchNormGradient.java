package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * The gradient of a batch normalisation in one launch that reads x and dy once: its blocks run at the same time and keep what they read in
 * registers while they wait for the sums of all. Only where all of it fits and parameters are float32.
 *
 * <p>What fits is counted against a fixed number of multiprocessors, so that GPUs with at least as many give the same bits. One with fewer
 * takes two launches from smaller sizes on, whose last digits may differ.
 */
final class WholeBatchNormGradient {
    /** How many pieces of 16 bytes of x, and of dy, a thread keeps: {@code KEPT} of the kernels. */
    private static final int KEPT = 16;

    private static final int BYTES_AT_ONCE = 16;

    /** The multiprocessors of an H100. */
    private static final int MOST_BLOCKS = 132;

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
        int blocks = gamma.dtype() == DType.FLOAT32 ? blocks(dtype, elements, channels, context.togetherBlocks()) : 0;
        if (blocks == 0 || !isAligned(x) || !isAligned(y) || !isAligned(dy) || !isAligned(dx) || !isAligned(daddend)) {
            return false;
        }
        long rows = elements / channels;
        try (TemporaryBuffer partial = context.pool().borrow(dtype.accumulator(), 3L * blocks * channels);
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
                            channels);
            context.runTogether(blocks);
        }
        return true;
    }

    /**
     * Returns how many blocks keep all elements, or 0 where they do not fit or threads would have several channels.
     *
     * @param together how many blocks the device can run at the same time
     */
    static int blocks(DType dtype, long elements, long channels, int together) {
        int atOnce = BYTES_AT_ONCE / dtype.bytes();
        boolean isRegular = channels % atOnce == 0 && LaunchContext.THREADS % (channels / atOnce) == 0;
        long perBlock = (long) KEPT * LaunchContext.THREADS * atOnce;
        long blocks = (elements + perBlock - 1) / perBlock;
        return isRegular && blocks <= Math.min(MOST_BLOCKS, together) ? (int) blocks : 0;
    }

    private static boolean isAligned(Operand operand) {
        return operand == null || Operands.address(operand) % BYTES_AT_ONCE == 0;
    }
}
