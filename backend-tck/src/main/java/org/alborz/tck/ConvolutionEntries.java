package org.alborz.tck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.ops.Conv2dBackwardData;
import org.alborz.ops.Conv2dBackwardFilter;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/** Convolutions of every stride, padding, dilation and grouping, and their two gradients as operations of their own. */
final class ConvolutionEntries {
    /** Groups of one channel each. */
    private static final int DEPTHWISE = 12;

    private ConvolutionEntries() {}

    /**
     * Sizes of one convolution.
     *
     * @param channels of the input
     * @param outputs channels of the output
     */
    private record Sizes(int n, int channels, int h, int w, int outputs, int kernelH, int kernelW) {
        HostArray images() {
            return HostArray.uniform(61, -1, 1, imageShape());
        }

        Shape imageShape() {
            return Shape.of(n, channels, h, w);
        }

        HostArray filters(Conv2dParameters p) {
            return HostArray.uniform(62, -1, 1, filterShape(p));
        }

        Shape filterShape(Conv2dParameters p) {
            return Shape.of(outputs, channels / p.groups(), kernelH, kernelW);
        }

        Shape outputShape(Conv2dParameters p) {
            return Shape.of(n, outputs, p.outputH(h, kernelH), p.outputW(w, kernelW));
        }
    }

    static List<OpEntry> all() {
        List<OpEntry> entries = new ArrayList<>();
        Conv2dParameters plain = Conv2dParameters.defaults();
        Conv2dParameters padded = new Conv2dParameters(1, 1, 1, 1, 1, 1, 1);
        entries.add(LinearSpecials.added(forward("conv2d", plain, small(1), false, Activation.NONE), 0, 1)
                .on(samples(plain, false, new Sizes(1, 33, 3, 7, 17, 3, 3), new Sizes(1, 1, 31, 31, 1, 5, 5))));
        entries.add(LinearSpecials.addedLarge(dataGradient("without padding", plain, small(1), true), 0, 1));
        entries.add(LinearSpecials.addedLarge(filterGradient("without padding", plain, small(1), true), 0, 1));
        entries.add(forward("conv2d 1x1", plain, new Sizes(2, 3, 4, 5, 4, 1, 1), false, Activation.NONE)
                .on(samples(plain, false, new Sizes(1, 17, 3, 31, 33, 1, 1))));
        entries.add(forward("conv2d padding 1 with bias", padded, small(1), true, Activation.NONE)
                .on(odd(padded, true)));
        entries.add(forward("conv2d padding 1 with bias and relu", padded, small(1), true, Activation.RELU)
                .on(odd(padded, true)));
        entries.add(forward("conv2d 1x1 with relu6", plain, new Sizes(2, 3, 4, 5, 4, 1, 1), false, Activation.RELU6)
                .on(samples(plain, false, new Sizes(1, 70, 3, 31, 33, 1, 1))));
        for (Activation activation : Activation.values()) {
            entries.add(withAddend("conv2d padding 1 with addend " + activation, padded, small(1), activation)
                    .on(odd().stream()
                            .map(s -> Sample.forward(inputsAndAddend(padded, s)))
                            .toList()));
        }
        entries.addAll(gradients("padding 1", padded, small(1), odd()));
        addVariants(entries);
        return entries;
    }

    private static void addVariants(List<OpEntry> entries) {
        Conv2dParameters[] variants = {
            new Conv2dParameters(2, 2, 0, 0, 1, 1, 1),
            new Conv2dParameters(2, 2, 1, 1, 1, 1, 1),
            new Conv2dParameters(1, 2, 2, 1, 1, 1, 1),
            new Conv2dParameters(3, 1, 0, 2, 1, 1, 1),
            new Conv2dParameters(1, 1, 0, 0, 2, 2, 1),
            new Conv2dParameters(2, 1, 2, 1, 2, 1, 1),
            new Conv2dParameters(1, 1, 1, 1, 1, 1, 2),
            new Conv2dParameters(2, 2, 1, 1, 1, 1, 4),
            new Conv2dParameters(1, 1, 1, 1, 1, 1, DEPTHWISE),
            new Conv2dParameters(2, 2, new Padding2d(1, 0, 0, 2), 1, 1, DEPTHWISE),
            new Conv2dParameters(1, 1, new Padding2d(0, 1, 2, 0), 1, 1, 1),
            new Conv2dParameters(2, 1, new Padding2d(2, 0, 0, 1), 2, 1, 2)
        };
        for (Conv2dParameters p : variants) {
            entries.add(forward("conv2d " + p, p, small(p.groups()), true, Activation.NONE)
                    .on(samples(p, true, larger(p))));
            entries.add(withAddend("conv2d with addend " + p, p, small(p.groups()), Activation.RELU)
                    .on(Sample.forward(inputsAndAddend(p, larger(p)))));
            entries.addAll(gradients(p.toString(), p, small(p.groups()), List.of(larger(p))));
        }
    }

    private static Sizes larger(Conv2dParameters p) {
        return new Sizes(1, 12, 9, 8, p.groups() == DEPTHWISE ? DEPTHWISE : 20, 3, 3);
    }

    private static Sizes small(int groups) {
        if (groups == DEPTHWISE) {
            return new Sizes(2, DEPTHWISE, 5, 4, DEPTHWISE, 3, 2);
        }
        return groups == 1 ? new Sizes(2, 3, 6, 5, 4, 3, 2) : new Sizes(2, 4, 5, 4, 8, 3, 2);
    }

    private static List<Sizes> odd() {
        return List.of(
                new Sizes(1, 1, 7, 7, 1, 3, 3),
                new Sizes(2, 3, 5, 31, 33, 3, 3),
                new Sizes(1, 17, 7, 9, 3, 3, 3),
                new Sizes(1, 33, 3, 7, 17, 3, 3),
                new Sizes(3, 16, 8, 8, 32, 3, 3),
                new Sizes(1, 5, 1, 1, 7, 3, 3));
    }

    private static List<Sample> odd(Conv2dParameters p, boolean biased) {
        return samples(p, biased, odd().toArray(Sizes[]::new));
    }

    private static List<Sample> samples(Conv2dParameters p, boolean biased, Sizes... sizes) {
        List<Sample> samples = new ArrayList<>();
        for (Sizes s : sizes) {
            samples.add(Sample.forward(inputs(p, biased, s)));
        }
        return samples;
    }

    private static HostArray[] inputs(Conv2dParameters p, boolean biased, Sizes s) {
        HostArray bias = HostArray.uniform(63, -1, 1, Shape.of(s.outputs()));
        return biased ? new HostArray[] {s.images(), s.filters(p), bias} : new HostArray[] {s.images(), s.filters(p)};
    }

    private static OpEntry forward(String name, Conv2dParameters p, Sizes s, boolean biased, Activation activation) {
        Sizes none = new Sizes(0, s.channels(), s.h(), s.w(), s.outputs(), s.kernelH(), s.kernelW());
        return OpEntry.of(
                        name,
                        biased ? 3 : 2,
                        in -> Engine.apply(new Conv2dOp(p, activation), in[0], in[1], biased ? in[2] : null, null),
                        in -> ConvolutionOracle.forward(p, in[0], in[1], biased ? in[2] : null, null, activation))
                .covering(Conv2dOp.class)
                .withContiguous(2)
                .on(Sample.smooth(inputs(p, biased, s)), Sample.smooth(inputs(p, biased, none)));
    }

    private static OpEntry withAddend(String name, Conv2dParameters p, Sizes s, Activation activation) {
        return OpEntry.of(
                        name,
                        4,
                        in -> Engine.apply(new Conv2dOp(p, activation), in[0], in[1], in[2], in[3]),
                        in -> ConvolutionOracle.forward(p, in[0], in[1], in[2], in[3], activation))
                .covering(Conv2dOp.class)
                .withContiguous(2)
                .on(Sample.smooth(inputsAndAddend(p, s)));
    }

    private static HostArray[] inputsAndAddend(Conv2dParameters p, Sizes s) {
        HostArray[] inputs = Arrays.copyOf(inputs(p, true, s), 4);
        inputs[3] = HostArray.uniform(66, -1, 1, s.outputShape(p));
        return inputs;
    }

    private static List<OpEntry> gradients(String name, Conv2dParameters p, Sizes first, List<Sizes> more) {
        List<OpEntry> entries = new ArrayList<>();
        entries.add(dataGradient(name, p, first, true));
        entries.add(filterGradient(name, p, first, true));
        for (Sizes s : more) {
            entries.add(dataGradient(name + " " + s.imageShape(), p, s, false));
            entries.add(filterGradient(name + " " + s.imageShape(), p, s, false));
        }
        return entries;
    }

    private static OpEntry dataGradient(String name, Conv2dParameters p, Sizes s, boolean smooth) {
        return OpEntry.of(
                        "conv2d gradient of data " + name,
                        2,
                        in -> Engine.apply(new Conv2dBackwardData(p, s.imageShape()), in[0], in[1]),
                        in -> ConvolutionOracle.backwardData(p, in[0], in[1], s.imageShape()))
                .covering(Conv2dBackwardData.class)
                .on(sample(smooth, HostArray.uniform(64, -1, 1, s.outputShape(p)), s.filters(p)));
    }

    private static OpEntry filterGradient(String name, Conv2dParameters p, Sizes s, boolean smooth) {
        return OpEntry.of(
                        "conv2d gradient of filter " + name,
                        2,
                        in -> Engine.apply(new Conv2dBackwardFilter(p, s.filterShape(p)), in[0], in[1]),
                        in -> ConvolutionOracle.backwardFilter(p, in[0], in[1], s.filterShape(p)))
                .covering(Conv2dBackwardFilter.class)
                .on(sample(smooth, s.images(), HostArray.uniform(65, -1, 1, s.outputShape(p))));
    }

    private static Sample sample(boolean smooth, HostArray... inputs) {
        return smooth ? Sample.smooth(inputs) : Sample.forward(inputs);
    }
}
