package org.alborz.cpu.vector;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.alborz.backend.Activation;
import org.alborz.backend.Conv2dParameters;
import org.alborz.backend.Convolution;
import org.alborz.backend.Operand;
import org.alborz.type.DType;

/** Convolution of float32 images, channels-last and in place; other types go to the reference. */
final class VectorConvolution implements Convolution {
    private final Workplace workplace;
    private final Convolution reference;
    private final Plans<GatherPlan> forward = new Plans<>(GatherPlan::forward);
    private final Plans<GatherPlan> backwardData = new Plans<>(GatherPlan::backwardData);
    private final Plans<FilterPlan> backwardFilter = new Plans<>(FilterPlan::of);

    VectorConvolution(Workplace workplace, Convolution reference) {
        this.workplace = workplace;
        this.reference = reference;
    }

    @Override
    public void forward(Conv2dParameters p, Operand x, Operand w, Operand bias, Activation activation, Operand y) {
        if (x.dtype() != DType.FLOAT32) {
            reference.forward(p, x, w, bias, activation, y);
            return;
        }
        if (y.shape().elements() == 0) {
            return;
        }
        Conv2dShape s = Conv2dShape.of(p, x.shape(), w.shape(), y.shape());
        if (WinogradPlan.isFor(s)) {
            WinogradPlan plan = WinogradPlan.forward(s);
            WinogradFilter filter = WinogradFilter.of(workplace, plan, false, Floats.of(w), Floats.at(w));
            new WinogradConvolution(
                            workplace,
                            plan,
                            filter,
                            start(s, bias),
                            Floats.floor(activation),
                            Floats.of(x),
                            Floats.at(x),
                            Floats.of(y),
                            Floats.at(y))
                    .run();
            return;
        }
        GatherPlan plan = forward.of(s);
        PackedFilter filter = PackedFilter.pack(workplace, plan, s, false, Floats.of(w), Floats.at(w));
        new GatherConvolution(
                        workplace,
                        plan,
                        p.groups(),
                        filter,
                        start(s, bias),
                        Floats.floor(activation),
                        Floats.of(x),
                        Floats.at(x),
                        Floats.of(y),
                        Floats.at(y))
                .run(s.n());
    }

    /** Returns the bias with each group filled up to whole vectors, or zeros. */
    private float[] start(Conv2dShape s, Operand bias) {
        int columns = s.outputsPerGroup();
        int width = Lanes.wholeVectors(columns);
        float[] start = workplace.shared().zeros(Scratch.Use.START, (long) s.p().groups() * width);
        if (bias != null) {
            for (int group = 0; group < s.p().groups(); group++) {
                System.arraycopy(Floats.of(bias), Floats.at(bias) + group * columns, start, group * width, columns);
            }
        }
        return start;
    }

    @Override
    public void backwardData(Conv2dParameters p, Operand dy, Operand w, Operand dx) {
        if (dy.dtype() != DType.FLOAT32) {
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
        Conv2dShape s = Conv2dShape.of(p, dx.shape(), w.shape(), dy.shape());
        int width = Lanes.wholeVectors(s.inputsPerGroup());
        float[] zeros = workplace.shared().zeros(Scratch.Use.START, (long) p.groups() * width);
        if (WinogradPlan.isFor(s)) {
            WinogradPlan plan = WinogradPlan.backwardData(s);
            WinogradFilter filter = WinogradFilter.of(workplace, plan, true, Floats.of(w), Floats.at(w));
            new WinogradConvolution(
                            workplace,
                            plan,
                            filter,
                            zeros,
                            Float.NEGATIVE_INFINITY,
                            Floats.of(dy),
                            Floats.at(dy),
                            Floats.of(dx),
                            Floats.at(dx))
                    .run();
            return;
        }
        GatherPlan plan = backwardData.of(s);
        PackedFilter filter = PackedFilter.pack(workplace, plan, s, true, Floats.of(w), Floats.at(w));
        new GatherConvolution(
                        workplace,
                        plan,
                        p.groups(),
                        filter,
                        zeros,
                        Float.NEGATIVE_INFINITY,
                        Floats.of(dy),
                        Floats.at(dy),
                        Floats.of(dx),
                        Floats.at(dx))
                .run(s.n());
    }

    @Override
    public void backwardFilter(Conv2dParameters p, Operand x, Operand dy, Operand dw) {
        if (x.dtype() != DType.FLOAT32) {
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
        Conv2dShape s = Conv2dShape.of(p, x.shape(), dw.shape(), dy.shape());
        if (WinogradPlan.isFor(s)) {
            new WinogradFilterGradient(workplace, WinogradPlan.forward(s))
                    .run(Floats.of(x), Floats.at(x), Floats.of(dy), Floats.at(dy), Floats.of(dw), Floats.at(dw));
            return;
        }
        new FilterGradient(workplace, backwardFilter.of(s), s)
                .run(Floats.of(x), Floats.at(x), Floats.of(dy), Floats.at(dy), Floats.of(dw), Floats.at(dw));
    }

    /** The plans of the shapes that were met last. */
    private static final class Plans<T> {
        private static final int MOST = 256;

        private final Function<Conv2dShape, T> make;
        private final Map<Conv2dShape, T> plans = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Conv2dShape, T> eldest) {
                return size() > MOST;
            }
        };

        Plans(Function<Conv2dShape, T> make) {
            this.make = make;
        }

        T of(Conv2dShape shape) {
            return plans.computeIfAbsent(shape.withoutBatch(), make);
        }
    }
}
