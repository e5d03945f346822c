package org.alborz.cuda.ops;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.graph.Following;
import org.alborz.cuda.dnn.graph.FusedConvolutions;
import org.alborz.cuda.dnn.graph.FusionKey;
import org.alborz.cuda.dnn.graph.Place;
import org.alborz.cuda.memory.TemporaryBuffer;

/**
 * A convolution in 16 bits that is kept back until other work comes ({@link org.alborz.cuda.driver.Stream#delay}): if that is a batch
 * normalisation of its result, cuDNN adds up the sums of each channel while it convolves, so that the normalisation does not read all of them
 * for its statistics. Else, and where its operands are freed, it runs by itself.
 */
final class DelayedConvolution {
    private final LaunchContext context;
    private final FusedConvolutions fused;
    private final Runnable launch = this::launch;

    // Of the convolution that is kept back.
    private ConvolutionKey key;
    private DeviceOperand x;
    private DeviceOperand w;
    private DeviceOperand y;
    private Consumer<Operand> alone;

    DelayedConvolution(LaunchContext context, FusedConvolutions fused) {
        this.context = context;
        this.fused = fused;
    }

    /**
     * Keeps a convolution back, whose operands are aligned as cuDNN's graphs expect them.
     *
     * @param convolve does it by itself
     */
    void delay(ConvolutionKey convolution, Operand images, Operand filters, Operand result, Convolve convolve) {
        DeviceOperand from = DeviceOperand.of(images);
        DeviceOperand by = DeviceOperand.of(filters);
        DeviceOperand to = DeviceOperand.of(result);
        context.stream().delay(launch); // runs another one that is kept back
        key = convolution;
        x = from;
        w = by;
        y = to;
        alone = target -> convolve.run(convolution, from, by, target);
        context.pool().settleBeforeFree(x.buffer(), w.buffer(), y.buffer());
    }

    /** A convolution by itself. */
    interface Convolve {
        void run(ConvolutionKey key, Operand x, Operand w, Operand y);
    }

    private void launch() {
        Consumer<Operand> convolve = alone;
        Operand result = y;
        forget();
        convolve.accept(result);
    }

    private void forget() {
        alone = null;
        x = null;
        w = null;
        y = null;
        context.pool().settleBeforeFree();
    }

    /** Tells whether the convolution that is kept back makes these images. */
    boolean makes(Operand images) {
        return context.stream().isDelayed(launch) && y.isSame(images);
    }

    /**
     * Runs the convolution that is kept back and adds up the sums of its rounded results.
     *
     * @param sum receives one a channel, float32
     * @param squares receives those of the squares
     * @param fromSums computes statistics of images from the sums, for comparing times
     * @param fromImages computes them from the images themselves, for comparing times
     * @return whether the sums were made; if not, the convolution has been run by itself
     */
    boolean sums(
            TemporaryBuffer sum, TemporaryBuffer squares, Consumer<Operand> fromSums, Consumer<Operand> fromImages) {
        if (!context.stream().isDelayed(launch)) {
            return false; // borrowing memory for the sums has run it
        }
        Map<Place, Long> memory = new EnumMap<>(Place.class);
        memory.put(Place.X, Operands.address(x));
        memory.put(Place.W, Operands.address(w));
        memory.put(Place.Y, Operands.address(y));
        memory.put(Place.SUM, sum.address());
        memory.put(Place.SQUARES, squares.address());
        Consumer<Operand> convolve = alone;
        DeviceOperand result = y;
        context.stream().dropDelayed();
        forget();
        FusionKey fusion = new FusionKey(key, new Following.ChannelSums());
        FusedConvolutions.Compared compared =
                new FusedConvolutions.Compared(scratch -> fromSums.accept(result.in(scratch)), scratch -> {
                    Operand other = result.in(scratch);
                    convolve.accept(other);
                    fromImages.accept(other);
                });
        boolean done = fused.run(fusion, memory, compared);
        if (!done) {
            convolve.accept(result);
        }
        return done;
    }
}
