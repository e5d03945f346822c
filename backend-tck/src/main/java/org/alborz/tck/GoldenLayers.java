package org.alborz.tck;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Activations;
import org.alborz.nn.AdaptiveAvgPool2d;
import org.alborz.nn.AvgPool2d;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.GroupNorm;
import org.alborz.nn.InstanceNorm;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Model;
import org.alborz.nn.Residual;
import org.alborz.nn.Sequential;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Pool2dParameters;

/** Our layer for each of PyTorch's. */
final class GoldenLayers {
    /** Where the parts of a residual block stand in our body. */
    private static final Map<String, String> BLOCK = Map.of("0", "conv1", "1", "bn1", "3", "conv2", "4", "bn2");

    private GoldenLayers() {}

    static Layer of(GoldenCase golden) {
        Layer sequence = GoldenSequences.of(golden);
        if (sequence != null) {
            return sequence;
        }
        Layer image = GoldenImages.of(golden);
        return image != null ? image : plain(golden);
    }

    private static Layer plain(GoldenCase golden) {
        return switch (golden.layer()) {
            case "Linear" ->
                new Linear(golden.whole("in_features"), golden.whole("out_features")).bias(golden.flag("bias"));
            case "Conv2d" -> convolution(golden);
            case "MaxPool2d" -> new MaxPool2d(window(golden));
            case "AvgPool2d" -> new AvgPool2d(window(golden));
            case "AdaptiveAvgPool2d" -> adaptivePooling(golden);
            case "BatchNorm1d", "BatchNorm2d" -> batchNorm(golden, golden.whole("num_features"));
            case "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d" -> instanceNorm(golden);
            case "GroupNorm" ->
                new GroupNorm(golden.whole("num_groups"), golden.whole("num_channels")).epsilon(golden.number("eps"));
            case "Flatten" -> new Flatten();
            case "ReLU" -> Activations.relu();
            case "LeakyReLU" -> Activations.leakyRelu(golden.number("negative_slope"));
            case "ELU" -> Activations.elu(golden.number("alpha"));
            case "Sigmoid" -> Activations.sigmoid();
            case "Tanh" -> Activations.tanh();
            case "GELU" -> Activations.gelu();
            case "Softmax" -> Activations.softmax();
            case "LogSoftmax" -> (x, pass) -> x.logSoftmax();
            case "BasicBlock" -> block(golden);
            default ->
                throw new IllegalStateException("The golden values hold a layer that this suite does not know: "
                        + golden.layer() + ". Add it here.");
        };
    }

    static boolean isTraining(GoldenCase golden) {
        return switch (golden.layer()) {
            case "BatchNorm1d", "BatchNorm2d", "BasicBlock", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d" ->
                golden.flag("training");
            default -> true;
        };
    }

    private static Conv2d convolution(GoldenCase golden) {
        Conv2dParameters p = new Conv2dParameters(
                golden.pair("stride", 0),
                golden.pair("stride", 1),
                golden.pair("padding", 0),
                golden.pair("padding", 1),
                golden.pair("dilation", 0),
                golden.pair("dilation", 1),
                golden.whole("groups"));
        return new Conv2d(
                        golden.whole("in_channels"),
                        golden.whole("out_channels"),
                        golden.pair("kernel_size", 0),
                        golden.pair("kernel_size", 1))
                .with(p)
                .bias(golden.flag("bias"));
    }

    private static Layer adaptivePooling(GoldenCase golden) {
        int height = golden.pair("output_size", 0);
        int width = golden.pair("output_size", 1);
        return height == 1 && width == 1 ? new GlobalAvgPool2d() : new AdaptiveAvgPool2d(height, width);
    }

    private static Pool2dParameters window(GoldenCase golden) {
        if (golden.hasParameter("ceil_mode")) {
            return Pool2dParameters.of(golden.whole("kernel_size"))
                    .withStride(golden.whole("stride"))
                    .withPadding(golden.whole("padding"))
                    .withDilation(golden.whole("dilation"))
                    .withCeil(golden.flag("ceil_mode"))
                    .withCountPadding(golden.flag("count_include_pad"));
        }
        return new Pool2dParameters(
                golden.pair("kernel_size", 0), golden.pair("kernel_size", 1),
                golden.pair("stride", 0), golden.pair("stride", 1),
                golden.pair("padding", 0), golden.pair("padding", 1));
    }

    private static Layer batchNorm(GoldenCase golden, int channels) {
        return new BatchNorm(channels, golden.number("momentum"), golden.number("eps"));
    }

    private static Layer instanceNorm(GoldenCase golden) {
        InstanceNorm norm = new InstanceNorm(golden.whole("num_features"))
                .affine(golden.flag("affine"))
                .epsilon(golden.number("eps"));
        return golden.flag("track_running_stats") ? norm.trackRunningStats(golden.number("momentum")) : norm;
    }

    private static Layer block(GoldenCase golden) {
        int channels = golden.whole("channels");
        return new Residual(new Sequential(
                convolution3x3(channels),
                batchNorm(golden, channels),
                Activations.relu(),
                convolution3x3(channels),
                batchNorm(golden, channels)));
    }

    private static Layer convolution3x3(int channels) {
        return new Conv2d(channels, channels, 3).padding(1).bias(false);
    }

    /** Returns what PyTorch calls each of our parameters. */
    static Map<String, String> names(GoldenCase golden, Model model) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : model.parameters().keySet()) {
            names.put(name, golden.layer().equals("BasicBlock") ? blockName(name) : withoutPart(name));
        }
        return names;
    }

    private static String withoutPart(String name) {
        return name.startsWith(GoldenSequences.PART) ? name.substring(GoldenSequences.PART.length()) : name;
    }

    /** Translates body.3.weight to conv2_weight. */
    private static String blockName(String name) {
        String[] path = name.split("\\.", -1);
        return BLOCK.get(path[1]) + "_" + path[2];
    }
}
