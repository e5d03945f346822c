package org.alborz.cuda.ops;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Activation;
import org.alborz.type.DType;

/**
 * The gradient of a batch normalisation whose sums cuDNN adds up with the gradient of the convolution behind it ({@link DelayedDataGradient}): what is
 * left reads x and dy once.
 */
final class BatchNormGradientOfSums {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final FinishedBlocks finished;
    private final DelayedDataGradient gradient;

    BatchNormGradientOfSums(LaunchContext context, FinishedBlocks finished, DelayedDataGradient gradient) {
        this.context = context;
        this.finished = finished;
        this.gradient = gradient;
    }

    /** What is normalised and by what. */
    record Normalized(double epsilon, Operand x, Operand gamma, Operand mean, Operand variance) {}

    /** The gradients, without that of an addend. */
    record Results(Operand dx, Operand dgamma, Operand dbeta) {}

    /**
     * Computes the gradient as {@link CudaNormalization#batchNormBackward} does, where that of a convolution is kept back that makes dy.
     *
     * @param daddend null where there was no addend
     * @param separately computes it from dy, for comparing times
     * @return whether it was done
     */
    boolean apply(
            Normalized of,
            BatchNormGate.Origin origin,
            Operand dy,
            Results to,
            Operand daddend,
            Consumer<Operand> separately) {
        Operand x = of.x();
        Operand passed = daddend == null ? to.dx() : daddend;
        boolean areAligned = Stream.of(x, origin.y(), passed).allMatch(o -> Operands.address(o) % Dnn.ALIGNMENT == 0);
        if (!areAligned || !BatchStatistics.isMixed(x, of.gamma()) || !gradient.makes(dy)) {
            return false;
        }
        long channels = x.shape().size(1);
        long rows = Operands.elements(x) / channels;
        int parts = BatchStatistics.parts(rows);
        try (TemporaryBuffer sum = numbers(channels);
                TemporaryBuffer squares = numbers(channels);
                TemporaryBuffer products = numbers(channels);
                TemporaryBuffer partial = numbers(3L * parts * channels);
                TemporaryBuffer total = numbers(2 * channels)) {
            Consumer<Operand> rest = let -> {
                context.kernels()
                        .batchNormBackwardOfSumsMixed(
                                x.dtype(),
                                of.epsilon(),
                                x,
                                of.gamma(),
                                origin.hasAddend() ? null : origin.beta(),
                                of.mean(),
                                of.variance(),
                                let,
                                sum,
                                products,
                                partial,
                                finished,
                                to.dgamma(),
                                to.dbeta(),
                                total,
                                rows,
                                channels,
                                parts);
                context.run(BatchStatistics.columns(channels) * parts, 1);
                context.kernels()
                        .batchNormBackwardApplyMixed(
                                x.dtype(),
                                of.epsilon(),
                                x,
                                of.gamma(),
                                of.mean(),
                                of.variance(),
                                Activation.NONE,
                                null,
                                null,
                                let,
                                total,
                                to.dx(),
                                rows,
                                channels);
                context.run(rows * channels, PER_BLOCK);
            };
            DelayedDataGradient.Sums sums = new DelayedDataGradient.Sums(passed, sum, squares, products);
            boolean done = gradient.sums(origin, x, sums, rest, separately);
            if (done) {
                rest.accept(passed);
            }
            return done;
        }
    }

    private TemporaryBuffer numbers(long count) {
        return context.pool().borrow(DType.FLOAT32, count);
    }
}
