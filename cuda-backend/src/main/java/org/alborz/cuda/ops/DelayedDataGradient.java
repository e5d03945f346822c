package org.alborz.cuda.ops;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.alborz.backend.BatchNormGate;
import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.graph.Following;
import org.alborz.cuda.dnn.graph.FusedConvolutions;
import org.alborz.cuda.dnn.graph.FusionKey;
import org.alborz.cuda.dnn.graph.Place;
import org.alborz.cuda.memory.TemporaryBuffer;

/**
 * The gradient of a convolution's images in 16 bits that is kept back until other work comes ({@link org.alborz.cuda.driver.Stream#delay}): if that is the
 * gradient of the batch normalisation with an activation that made the images, cuDNN sets to 0 what the activation does not let pass and adds up the
 * sums of each channel while it convolves, so that the gradient of the normalisation does not read all of it for its sums. Else it runs by itself.
 */
final class DelayedDataGradient {
    private final LaunchContext context;
    private final FusedConvolutions fused;
    private final Runnable launch = this::launch;

    // Of the gradient that is kept back.
    private ConvolutionKey key;
    private DeviceOperand dy;
    private DeviceOperand w;
    private DeviceOperand dx;
    private boolean isAdded;
    private Consumer<Operand> alone;

    DelayedDataGradient(LaunchContext context, FusedConvolutions fused) {
        this.context = context;
        this.fused = fused;
    }

    /** The gradient of a convolution's images by itself. */
    interface Convolve {
        void run(ConvolutionKey key, Operand dy, Operand w, Operand dx);
    }

    /**
     * Keeps a gradient back, whose operands are aligned as cuDNN's graphs expect them.
     *
     * @param adds whether it is added to what {@code result} holds
     * @param convolve does it by itself
     */
    void delay(
            ConvolutionKey convolution,
            Operand gradient,
            Operand filters,
            Operand result,
            boolean adds,
            Convolve convolve) {
        DeviceOperand from = DeviceOperand.of(gradient);
        DeviceOperand by = DeviceOperand.of(filters);
        DeviceOperand to = DeviceOperand.of(result);
        context.stream().delay(launch); // runs another one that is kept back
        key = convolution;
        dy = from;
        w = by;
        dx = to;
        isAdded = adds;
        alone = target -> convolve.run(convolution, from, by, target);
        context.pool().settleBeforeFree(dx.buffer());
        context.pool().postponeFree(dy.buffer(), w.buffer());
    }

    private void launch() {
        try {
            context.pool().settleBeforeFree();
            alone.accept(dx);
        } finally {
            forget();
        }
    }

    private void forget() {
        alone = null;
        dy = null;
        w = null;
        dx = null;
        context.pool().settleBeforeFree();
        context.pool().freePostponed();
    }

    /** Tells whether the gradient that is kept back makes this one. */
    boolean makes(Operand gradient) {
        return context.stream().isDelayed(launch) && dx.isSame(gradient);
    }

    /** Where a graph of cuDNN writes, float32 but for the gradient. */
    record Sums(Operand passed, TemporaryBuffer sum, TemporaryBuffer squares, TemporaryBuffer products) {}

    /**
     * Runs the gradient that is kept back, 0 where the activation does not let it pass, and adds up the sums of each channel of its rounded
     * numbers, and of their products with x, or with the activation's result where there is no addend.
     *
     * @param x what was normalised
     * @param rest computes what is left for a gradient that was let pass, for comparing times
     * @param separately computes it for one that was not, for comparing times
     * @return whether that was done; if not, the gradient has been made by itself
     */
    boolean sums(
            BatchNormGate.Origin origin, Operand x, Sums to, Consumer<Operand> rest, Consumer<Operand> separately) {
        if (!context.stream().isDelayed(launch)) {
            return false; // borrowing memory for the sums has run it
        }
        Map<Place, Long> memory = new EnumMap<>(Place.class);
        memory.put(Place.X, Operands.address(dy));
        memory.put(Place.W, Operands.address(w));
        memory.put(Place.RESULT, Operands.address(origin.y()));
        memory.put(Place.Y, Operands.address(to.passed()));
        memory.put(Place.SUM, to.sum().address());
        memory.put(Place.SQUARES, to.squares().address());
        memory.put(Place.PRODUCTS, to.products().address());
        if (isAdded) {
            memory.put(Place.ADDEND, Operands.address(dx));
        }
        if (origin.hasAddend()) {
            memory.put(Place.FACTOR, Operands.address(x));
        }
        Consumer<Operand> convolve = alone;
        DeviceOperand result = dx;
        FusionKey fusion = new FusionKey(key, new Following.GateSums(isAdded, origin.hasAddend(), origin.activation()));
        FusedConvolutions.Compared compared =
                new FusedConvolutions.Compared(scratch -> rest.accept(result.in(scratch)), scratch -> {
                    Operand other = result.in(scratch);
                    convolve.accept(other);
                    separately.accept(other);
                });
        context.stream().dropDelayed();
        context.pool().settleBeforeFree();
        try {
            boolean done = fused.run(fusion, memory, compared);
            if (!done) {
                convolve.accept(result);
            }
            return done;
        } finally {
            forget();
        }
    }
}
