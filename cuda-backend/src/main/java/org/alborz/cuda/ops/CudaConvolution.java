package org.alborz.cuda.ops;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Convolution;
import org.alborz.backend.ConvolutionSum;
import org.alborz.backend.Elementwise;
import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.ChosenAlgorithm;
import org.alborz.cuda.dnn.ConvolutionKey;
import org.alborz.cuda.dnn.ConvolutionPass;
import org.alborz.cuda.dnn.ConvolutionPlan;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.dnn.PlanCache;
import org.alborz.cuda.dnn.graph.ChosenEngine;
import org.alborz.cuda.dnn.graph.Following;
import org.alborz.cuda.dnn.graph.FusedConvolutions;
import org.alborz.cuda.dnn.graph.FusionKey;
import org.alborz.cuda.dnn.graph.Place;
import org.alborz.cuda.driver.DeviceAddress;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.notice.Warnings;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Padding2d;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Convolution by cuDNN, and by a plain kernel of our own where cuDNN has none: float64, and what it refuses.
 *
 * <p>cuDNN does not support padding that differs on opposite sides; such images are copied into a frame of zeros ({@link Frames}).
 *
 * <p>Images and weights are stored as cuDNN expects them.
 */
final class CudaConvolution implements Convolution, ConvolutionSum, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CudaConvolution.class);

    private final LaunchContext context;
    private final PlanCache<ConvolutionKey, Choice> choices;
    private final DirectConvolution direct;
    private final Frames frames;
    private final BiasActivation biasActivation;
    private final Elementwise elementwise;
    private final FusedConvolutions fused;
    private final DelayedConvolution delayed;
    private final DelayedDataGradient delayedGradient;

    /** Whether cuDNN may rectify, which does not propagate NaN: where float32 need not be exact. */
    private final boolean rectifies;

    /** How a convolution is done: by a plan, or directly where that is null. */
    private static final class Choice implements AutoCloseable {
        ConvolutionPlan plan;

        Choice(ConvolutionPlan plan) {
            this.plan = plan;
        }

        @Override
        public void close() {
            if (plan != null) {
                plan.close();
            }
        }
    }

    CudaConvolution(LaunchContext context, Dnn dnn, BiasActivation biasActivation, Elementwise elementwise) {
        this.context = context;
        this.choices = new PlanCache<>(key -> choose(dnn, key));
        this.direct = new DirectConvolution(context);
        this.frames = new Frames(context);
        this.biasActivation = biasActivation;
        this.elementwise = elementwise;
        this.fused = new FusedConvolutions(dnn, context.pool());
        this.delayed = new DelayedConvolution(context, fused);
        this.delayedGradient = new DelayedDataGradient(context, fused);
        this.rectifies = dnn.tf32();
    }

    /** Returns the convolution that is kept back for a normalisation of its result. */
    DelayedConvolution delayed() {
        return delayed;
    }

    /** Returns the gradient of images that is kept back for that of the normalisation which made them. */
    DelayedDataGradient delayedGradient() {
        return delayedGradient;
    }

    /** Returns the algorithms of cuDNN that convolutions have taken so far. */
    List<ChosenAlgorithm> algorithms() {
        return choices.plans().stream()
                .filter(choice -> choice.plan != null)
                .map(choice -> choice.plan.algorithm())
                .flatMap(Optional::stream)
                .toList();
    }

    /** Returns the engines of cuDNN's graph API that convolutions and what follows them have taken so far. */
    List<ChosenEngine> engines() {
        return fused.engines();
    }

    private Choice choose(Dnn dnn, ConvolutionKey key) {
        if (!Dnn.serves(key.dtype())) {
            return new Choice(null);
        }
        if (!Dnn.serves(key.parameters())) {
            log.warn("A plain kernel does {}, which is slow: cuDNN is not asked for windows of such sizes.", key);
            return new Choice(null);
        }
        return new Choice(new ConvolutionPlan(dnn, context.pool(), key));
    }

    @Override
    public void forward(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        if (Operands.elements(y) == 0) {
            return;
        }
        if (frames.isFor(p, x)) {
            try (PaddedImages frame = frames.of(p, x)) {
                unpadded(p.withPadding(Padding2d.NONE), frame, w, bias, addend, activation, y);
            }
        } else {
            unpadded(p, x, w, bias, addend, activation, y);
        }
    }

    /** Convolves images whose padding is the same on opposite sides. */
    private void unpadded(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        if (activation == Activation.RELU && bias != null && isRectified(p, x, w, bias, addend, y)) {
            return;
        }
        ConvolutionKey key = key(ConvolutionPass.FORWARD, p, x, w, y);
        boolean isFusible = isFusible(key) && areAligned(key, x, w, bias, addend, y);
        if (isFusible && bias != null && activation != Activation.NONE) {
            if (isActivated(key, x, w, bias, addend, activation, y)) {
                return;
            }
        } else if (isFusible && bias == null && addend == null && activation == Activation.NONE) {
            delayed.delay(key, x, w, y, this::convolve);
            return;
        }
        convolve(key, x, w, y);
        int channels = y.shape().size(1);
        biasActivation.apply(bias, addend, activation, y, Operands.elements(y) / channels, channels);
    }

    private void convolve(ConvolutionKey key, Operand x, Operand w, Operand y) {
        if (!run(key, x, w, y)) {
            direct.forward(key.parameters(), x, w, y);
        }
    }

    /** Tells whether cuDNN may be asked to compute what follows a convolution with it: in 16 bits, where rounding once less does no harm. */
    private static boolean isFusible(ConvolutionKey key) {
        boolean isHalf = key.dtype() == DType.FLOAT16 || key.dtype() == DType.BFLOAT16;
        return isHalf && Dnn.serves(key.parameters()) && hasElements(key);
    }

    /** Tells whether all operands are aligned as cuDNN's graphs expect them, which are made for any address that is. */
    private static boolean areAligned(ConvolutionKey key, Operand... operands) {
        boolean areAligned = Stream.of(operands).allMatch(o -> o == null || isAligned(o));
        if (!areAligned) {
            log.debug(
                    "Separate calls do {}: cuDNN's graphs expect addresses that are multiples of {} bytes.",
                    key,
                    Dnn.ALIGNMENT);
        }
        return areAligned;
    }

    /** Tells whether a graph of cuDNN did the convolution, added bias and addend, and rectified. */
    private boolean isActivated(
            ConvolutionKey key, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        Map<Place, Long> memory = new EnumMap<>(Place.class);
        memory.put(Place.X, Operands.address(x));
        memory.put(Place.W, Operands.address(w));
        memory.put(Place.BIAS, Operands.address(bias));
        memory.put(Place.Y, Operands.address(y));
        if (addend != null) {
            memory.put(Place.ADDEND, Operands.address(addend));
        }
        FusionKey fusion = new FusionKey(key, new Following.BiasActivation(addend != null, activation));
        FusedConvolutions.Compared compared = new FusedConvolutions.Compared(scratch -> {}, scratch -> {
            Operand other = new DeviceOperand(scratch.buffer(), y.layout().compact());
            convolve(key, x, w, other);
            int channels = y.shape().size(1);
            biasActivation.apply(bias, addend, activation, other, Operands.elements(y) / channels, channels);
        });
        return fused.run(fusion, memory, compared);
    }

    /** Tells whether one call of cuDNN did the convolution, added bias and addend, and rectified. */
    private boolean isRectified(Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Operand y) {
        boolean fits = rectifies
                && x.dtype() == DType.FLOAT32
                && Dnn.serves(p)
                && Operands.elements(x) > 0
                && Operands.elements(w) > 0
                && Stream.of(x, w, bias, addend, y).allMatch(o -> o == null || isAligned(o));
        if (!fits) {
            return false;
        }
        ConvolutionKey key =
                new ConvolutionKey(ConvolutionPass.FORWARD, x.dtype(), p, x.shape(), w.shape(), y.shape(), true);
        Choice choice = choices.of(key);
        ConvolutionPlan.Terms terms =
                new ConvolutionPlan.Terms(Operands.pointer(bias), addend == null ? null : Operands.pointer(addend));
        boolean done = choice.plan != null
                && choice.plan.run(Operands.pointer(x), Operands.pointer(w), terms, Operands.pointer(y));
        if (!done && choice.plan != null) {
            log.debug("cuDNN does not add a bias and rectify for {}; a kernel of our own does.", key);
            choice.close();
            choice.plan = null;
        }
        return done;
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        ConvolutionKey key = key(ConvolutionPass.BACKWARD_DATA, p, dx, w, dy);
        if (mayDelay(key, dy, w, dx)) {
            delayedGradient.delay(key, dy, w, dx, false, this::convolveBack);
        } else {
            backwardDataNow(p, dy, w, dx);
        }
    }

    /** Computes what {@link #backwardData} does, without keeping it back. */
    private void backwardDataNow(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (Operands.elements(dx) > 0 && frames.isFor(p, dx)) {
            try (PaddedImages frame = frames.empty(p, dx)) {
                backwardDataNow(p.withPadding(Padding2d.NONE), dy, w, frame);
                frames.copyImages(frame, p, dx);
            }
        } else if (Operands.elements(dx) > 0) {
            convolveBack(key(ConvolutionPass.BACKWARD_DATA, p, dx, w, dy), dy, w, dx);
        }
    }

    private boolean mayDelay(ConvolutionKey key, Operand dy, Operand w, Operand dx) {
        return isFusible(key) && !frames.isFor(key.parameters(), dx) && areAligned(key, dy, w, dx);
    }

    private void convolveBack(ConvolutionKey key, Operand dy, Operand w, Operand dx) {
        if (!run(key, w, dy, dx)) {
            direct.backwardData(key.parameters(), dy, w, dx);
        }
    }

    /** Has cuDNN add where it can; else the gradient is computed by itself and added. */
    @Override
    public void addBackwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (Operands.elements(dx) == 0) {
            return;
        }
        ConvolutionKey key = key(ConvolutionPass.BACKWARD_DATA, p, dx, w, dy);
        if (mayDelay(key, dy, w, dx)) {
            delayedGradient.delay(key, dy, w, dx, true, this::add);
        } else {
            add(key, dy, w, dx);
        }
    }

    private void add(ConvolutionKey key, Operand dy, Operand w, Operand dx) {
        Conv2dParameters p = key.parameters();
        if (!frames.isFor(p, dx) && isAdded(key, dy, w, dx)) {
            return;
        }
        try (TemporaryBuffer memory = context.pool().borrow(dx.dtype(), Operands.elements(dx))) {
            Operand gradient = new DeviceOperand(memory.buffer(), dx.layout().compact());
            backwardDataNow(p, dy, w, gradient);
            elementwise.binary(BinaryOp.ADD, dx, gradient, dx);
        }
    }

    private boolean isAdded(ConvolutionKey key, Operand dy, Operand w, Operand dx) {
        ConvolutionPlan plan = hasElements(key) ? choices.of(key).plan : null;
        return plan != null
                && isAligned(w)
                && isAligned(dy)
                && isAligned(dx)
                && plan.add(Operands.pointer(w), Operands.pointer(dy), Operands.pointer(dx));
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        if (Operands.elements(dw) > 0 && frames.isFor(p, x)) {
            try (PaddedImages frame = frames.of(p, x)) {
                backwardFilter(p.withPadding(Padding2d.NONE), frame, dy, dw);
            }
        } else if (Operands.elements(dw) > 0 && !run(key(ConvolutionPass.BACKWARD_FILTER, p, x, dw, dy), x, dy, dw)) {
            direct.backwardFilter(p, x, dy, dw);
        }
    }

    private static ConvolutionKey key(ConvolutionPass pass, Conv2dParameters p, Operand x, Operand w, Operand y) {
        return new ConvolutionKey(pass, x.dtype(), p, x.shape(), w.shape(), y.shape(), false);
    }

    private boolean run(ConvolutionKey key, Operand a, Operand b, Operand result) {
        if (!hasElements(key)) {
            return false;
        }
        Choice choice = choices.of(key);
        if (choice.plan == null) {
            return false;
        }
        boolean done = isAligned(a) && isAligned(b) && isAligned(result)
                ? choice.plan.run(Operands.pointer(a), Operands.pointer(b), null, Operands.pointer(result))
                : runOnCopies(choice.plan, key, a, b, result);
        if (!done) {
            Warnings.warn(
                    log,
                    "cuDNN has no deterministic algorithm with at most " + (ConvolutionPlan.MOST_WORKSPACE >> 20)
                            + " MiB of workspace for " + key
                            + "; a plain kernel does it, which is slow. Fewer groups, no dilation or another data type"
                            + " may help.");
            choice.close();
            choice.plan = null;
        }
        return done;
    }

    private static boolean hasElements(ConvolutionKey key) {
        return key.x().elements() > 0 && key.w().elements() > 0 && key.y().elements() > 0;
    }

    /** Tells whether tensor cores may read it; a slice of a tensor may begin elsewhere. */
    private static boolean isAligned(Operand operand) {
        return Operands.address(operand) % Dnn.ALIGNMENT == 0;
    }

    private boolean runOnCopies(ConvolutionPlan plan, ConvolutionKey key, Operand a, Operand b, Operand result) {
        try (TemporaryBuffer first = copyOf(a);
                TemporaryBuffer second = copyOf(b);
                TemporaryBuffer third = context.pool().borrow(key.dtype(), Operands.elements(result))) {
            DeviceAddress made = third.buffer().pointer(0);
            boolean done = plan.run(first.buffer().pointer(0), second.buffer().pointer(0), null, made);
            if (done) {
                context.stream().copy(Operands.pointer(result), made, bytes(result));
            }
            return done;
        }
    }

    private TemporaryBuffer copyOf(Operand operand) {
        TemporaryBuffer copy = context.pool().borrow(operand.dtype(), Operands.elements(operand));
        context.stream().copy(copy.buffer().pointer(0), Operands.pointer(operand), bytes(operand));
        return copy;
    }

    private static long bytes(Operand operand) {
        return Operands.elements(operand) * operand.dtype().bytes();
    }

    @Override
    public void close() {
        try (fused) {
            choices.close();
        }
    }
}
