package org.alborz.cpu.vector;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.alborz.backend.Convolution;
import org.alborz.backend.Operand;
import org.alborz.backend.PackedWeights;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/**
 * Convolution of float32 images, channels-last and in place. Other types go to the reference, and so do images that would be mostly
 * padding, since the fast kernels copy an image into a frame of zeros. One filter for each channel has kernels of its own.
 */
final class VectorConvolution implements Convolution {
    /** Numbers in a padded image up to which it is copied whatever its padding: 256 MiB. */
    private static final double LARGE_FRAME = 1 << 26;

    /** How many times as large as the image a large frame may be. */
    private static final double MOST_PADDING = 4;

    private final Convolution reference;
    private final PlanCache<IndirectConvolution> forward;
    private final PlanCache<IndirectConvolution> backwardData;
    private final PlanCache<FilterGradient> backwardFilter;

    private final PlanCache<WinogradConvolution> tiledForward;
    private final PlanCache<WinogradConvolution> tiledBackwardData;
    private final PlanCache<WinogradFilterGradient> tiledBackwardFilter;

    private final PlanCache<Depthwise> depthwiseForward;
    private final PlanCache<Depthwise> depthwiseBackwardData;
    private final PlanCache<DepthwiseFilterGradient> depthwiseBackwardFilter;

    VectorConvolution(WorkerPool workers, Convolution reference) {
        this.reference = reference;
        this.forward = new PlanCache<>(s -> IndirectConvolution.forward(workers, s));
        this.backwardData = new PlanCache<>(s -> IndirectConvolution.backwardData(workers, s));
        this.backwardFilter = new PlanCache<>(s -> new FilterGradient(workers, s));
        this.tiledForward = new PlanCache<>(s -> WinogradConvolution.forward(workers, s));
        this.tiledBackwardData = new PlanCache<>(s -> WinogradConvolution.backwardData(workers, s));
        this.tiledBackwardFilter = new PlanCache<>(s -> new WinogradFilterGradient(workers, s));
        this.depthwiseForward = new PlanCache<>(s -> Depthwise.forward(workers, s));
        this.depthwiseBackwardData = new PlanCache<>(s -> Depthwise.backwardData(workers, s));
        this.depthwiseBackwardFilter = new PlanCache<>(s -> new DepthwiseFilterGradient(workers, s));
    }

    @Override
    public void forward(
            Conv2dParameters p, Operand x, Operand w, Operand bias, Operand addend, Activation activation, Operand y) {
        forward(p, x, w, null, bias, addend, activation, y);
    }

    /** Returns how a forward pass packs weights, or null where it does not pack them. */
    PackedWeights.Form form(Conv2dParameters p, Shape x, Operand w, Shape y) {
        if (w.dtype() != DType.FLOAT32 || y.elements() == 0 || isMostlyPadding(p, x, y) || Depthwise.isFor(p, x, y)) {
            return null;
        }
        return WinogradPlan.isFor(p, x, w.shape(), y)
                ? tiledForward.of(p, x, w.shape(), y).form()
                : forward.of(p, x, w.shape(), y).form();
    }

    /** Packs the weights of a forward pass that has a form. */
    void pack(Conv2dParameters p, Shape x, Operand w, Shape y, Operand packed) {
        if (WinogradPlan.isFor(p, x, w.shape(), y)) {
            tiledForward.of(p, x, w.shape(), y).pack(w, packed);
        } else {
            forward.of(p, x, w.shape(), y).pack(w, packed);
        }
    }

    /**
     * Computes a forward pass.
     *
     * @param packed the weights as {@link #pack} packs them, or null where that is still to be done
     */
    void forward(
            Conv2dParameters p,
            Operand x,
            Operand w,
            Operand packed,
            Operand bias,
            Operand addend,
            Activation activation,
            Operand y) {
        if (x.dtype() != DType.FLOAT32 || isMostlyPadding(p, x.shape(), y.shape())) {
            reference.forward(p, x, w, bias, addend, activation, y);
            return;
        }
        if (y.shape().elements() == 0) {
            return;
        }
        if (Depthwise.isFor(p, x.shape(), y.shape())) {
            depthwiseForward.of(p, x.shape(), w.shape(), y.shape()).run(x, w, bias, addend, activation, y);
        } else if (WinogradPlan.isFor(p, x.shape(), w.shape(), y.shape())) {
            tiledForward.of(p, x.shape(), w.shape(), y.shape()).run(x, w, packed, bias, addend, activation, y);
        } else {
            forward.of(p, x.shape(), w.shape(), y.shape()).run(x, w, packed, bias, addend, activation, y);
        }
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (dy.dtype() != DType.FLOAT32 || isMostlyPadding(p, dx.shape(), dy.shape())) {
            reference.backwardData(p, dy, w, dx);
            return;
        }
        if (dx.shape().elements() == 0) {
            return;
        }
        if (dy.shape().elements() == 0) {
            Arrays.fill(
                    Floats.of(dx),
                    Floats.at(dx),
                    Floats.at(dx) + (int) dx.shape().elements(),
                    0);
            return;
        }
        if (Depthwise.isFor(p, dx.shape(), dy.shape())) {
            depthwiseBackwardData.of(p, dx.shape(), w.shape(), dy.shape()).run(dy, w, null, null, Activation.NONE, dx);
        } else if (WinogradPlan.isFor(p, dx.shape(), w.shape(), dy.shape())) {
            tiledBackwardData
                    .of(p, dx.shape(), w.shape(), dy.shape())
                    .run(dy, w, null, null, null, Activation.NONE, dx);
        } else {
            backwardData.of(p, dx.shape(), w.shape(), dy.shape()).run(dy, w, null, null, null, Activation.NONE, dx);
        }
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        if (x.dtype() != DType.FLOAT32 || isMostlyPadding(p, x.shape(), dy.shape())) {
            reference.backwardFilter(p, x, dy, dw);
            return;
        }
        if (dw.shape().elements() == 0) {
            return;
        }
        if (dy.shape().elements() == 0) {
            Arrays.fill(
                    Floats.of(dw),
                    Floats.at(dw),
                    Floats.at(dw) + (int) dw.shape().elements(),
                    0);
            return;
        }
        if (Depthwise.isFor(p, x.shape(), dy.shape())) {
            depthwiseBackwardFilter.of(p, x.shape(), dw.shape(), dy.shape()).run(x, dy, dw);
        } else if (WinogradPlan.isFor(p, x.shape(), dw.shape(), dy.shape())) {
            tiledBackwardFilter.of(p, x.shape(), dw.shape(), dy.shape()).run(x, dy, dw);
        } else {
            backwardFilter.of(p, x.shape(), dw.shape(), dy.shape()).run(x, dy, dw);
        }
    }

    private static boolean isMostlyPadding(Conv2dParameters p, Shape x, Shape y) {
        double image = (double) x.size(2) * x.size(3);
        Padding2d padding = p.padding();
        double rows = (double) x.size(2) + padding.top() + padding.bottom();
        double padded = rows * ((double) x.size(3) + padding.left() + padding.right());
        return padded * Math.max(x.size(1), y.size(1)) > LARGE_FRAME && padded > MOST_PADDING * image;
    }

    /** What was prepared for the sizes that were met last, the latest first; found without making a key. */
    private static final class PlanCache<T> {
        private static final int MOST = 256;

        private final Function<Conv2dShape, T> make;
        private final List<Entry<T>> entries = new ArrayList<>();

        private record Entry<T>(Conv2dShape shape, T plan) {}

        PlanCache(Function<Conv2dShape, T> make) {
            this.make = make;
        }

        /** Returns what was prepared for these sizes, whatever the batch. */
        T of(Conv2dParameters p, Shape x, Shape w, Shape y) {
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).shape().hasSizes(p, x, w, y)) {
                    return toFront(i);
                }
            }
            if (entries.size() == MOST) {
                entries.remove(MOST - 1);
            }
            Conv2dShape shape = Conv2dShape.of(p, x, w, y).withoutBatch();
            entries.add(0, new Entry<>(shape, make.apply(shape)));
            return entries.get(0).plan();
        }

        private T toFront(int at) {
            Entry<T> found = entries.get(at);
            if (at > 0) {
                entries.remove(at);
                entries.add(0, found);
            }
            return found.plan();
        }
    }
}
