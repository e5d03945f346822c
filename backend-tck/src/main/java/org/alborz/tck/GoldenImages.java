package org.alborz.tck;

import java.util.Locale;
import org.alborz.models.UNet;
import org.alborz.nn.AdaptiveAvgPool1d;
import org.alborz.nn.AdaptiveAvgPool3d;
import org.alborz.nn.AdaptiveMaxPool1d;
import org.alborz.nn.AdaptiveMaxPool2d;
import org.alborz.nn.AdaptiveMaxPool3d;
import org.alborz.nn.AvgPool1d;
import org.alborz.nn.AvgPool3d;
import org.alborz.nn.Conv1d;
import org.alborz.nn.Conv3d;
import org.alborz.nn.ConvTranspose1d;
import org.alborz.nn.ConvTranspose2d;
import org.alborz.nn.ConvTranspose3d;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool1d;
import org.alborz.nn.MaxPool3d;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.PixelShuffle;
import org.alborz.nn.PixelUnshuffle;
import org.alborz.nn.ReflectionPad2d;
import org.alborz.nn.Structure;
import org.alborz.nn.ZeroPad2d;
import org.alborz.tensor.Tensor;
import org.alborz.type.Conv1dParameters;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Conv3dParameters;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Padding2d;
import org.alborz.type.Pool1dParameters;
import org.alborz.type.Pool3dParameters;

/** Our layers of signals, images and volumes for PyTorch's, as far as Python makes their cases. */
final class GoldenImages {
    private GoldenImages() {}

    static Layer of(GoldenCase golden) {
        return switch (golden.layer()) {
            case "Conv1d" ->
                new Conv1d(golden.whole("in_channels"), golden.whole("out_channels"), golden.pair("kernel_size", 0))
                        .with(signals(golden));
            case "Conv3d" ->
                new Conv3d(
                                golden.whole("in_channels"),
                                golden.whole("out_channels"),
                                golden.pair("kernel_size", 0),
                                golden.pair("kernel_size", 1),
                                golden.pair("kernel_size", 2))
                        .with(volumes(golden));
            case "ConvTranspose1d" ->
                new ConvTranspose1d(
                                golden.whole("in_channels"),
                                golden.whole("out_channels"),
                                golden.pair("kernel_size", 0))
                        .with(signals(golden))
                        .outputPadding(golden.whole("output_padding"));
            case "ConvTranspose2d" ->
                new ConvTranspose2d(
                                golden.whole("in_channels"),
                                golden.whole("out_channels"),
                                golden.pair("kernel_size", 0))
                        .with(images(golden))
                        .outputPadding(golden.whole("output_padding"));
            case "ConvTranspose3d" ->
                new ConvTranspose3d(
                                golden.whole("in_channels"),
                                golden.whole("out_channels"),
                                golden.pair("kernel_size", 0),
                                golden.pair("kernel_size", 1),
                                golden.pair("kernel_size", 2))
                        .with(volumes(golden))
                        .outputPadding(golden.whole("output_padding"));
            case "UNet" -> new UNet(2, 3, 2, 1);
            default -> ofPixels(golden);
        };
    }

    private static Layer ofPixels(GoldenCase golden) {
        return switch (golden.layer()) {
            case "MaxPool1d" -> new MaxPool1d(windows(golden));
            case "AvgPool1d" -> new AvgPool1d(windows(golden));
            case "MaxPool3d" -> new MaxPool3d(boxes(golden));
            case "AvgPool3d" -> new AvgPool3d(boxes(golden));
            case "AdaptiveAvgPool1d" -> new AdaptiveAvgPool1d(golden.pair("output_size", 0));
            case "AdaptiveMaxPool1d" -> new AdaptiveMaxPool1d(golden.pair("output_size", 0));
            case "AdaptiveMaxPool2d" ->
                new AdaptiveMaxPool2d(golden.pair("output_size", 0), golden.pair("output_size", 1));
            case "AdaptiveAvgPool3d" ->
                new AdaptiveAvgPool3d(
                        golden.pair("output_size", 0), golden.pair("output_size", 1), golden.pair("output_size", 2));
            case "AdaptiveMaxPool3d" ->
                new AdaptiveMaxPool3d(
                        golden.pair("output_size", 0), golden.pair("output_size", 1), golden.pair("output_size", 2));
            case "Interpolate" ->
                (x, pass) -> x.interpolate(
                        golden.pair("size", 0),
                        golden.pair("size", 1),
                        interpolation(golden),
                        golden.flag("align_corners"));
            case "GridSample" -> new Sampling(golden);
            case "PixelShuffle" -> new PixelShuffle(golden.whole("factor"));
            case "PixelUnshuffle" -> new PixelUnshuffle(golden.whole("factor"));
            case "ReflectionPad2d" -> new ReflectionPad2d(around(golden));
            case "ZeroPad2d" -> new ZeroPad2d(around(golden));
            default -> null;
        };
    }

    private static Conv1dParameters signals(GoldenCase golden) {
        int padding = golden.whole("padding");
        return new Conv1dParameters(
                golden.whole("stride"), padding, padding, golden.whole("dilation"), golden.whole("groups"));
    }

    private static Conv2dParameters images(GoldenCase golden) {
        return Conv2dParameters.defaults()
                .withStride(golden.whole("stride"))
                .withPadding(golden.whole("padding"))
                .withDilation(golden.whole("dilation"))
                .withGroups(golden.whole("groups"));
    }

    private static Conv3dParameters volumes(GoldenCase golden) {
        return Conv3dParameters.defaults()
                .withStride(golden.whole("stride"))
                .withPadding(golden.whole("padding"))
                .withDilation(golden.whole("dilation"))
                .withGroups(golden.whole("groups"));
    }

    private static Pool1dParameters windows(GoldenCase golden) {
        return Pool1dParameters.of(golden.whole("kernel_size"))
                .withStride(golden.whole("stride"))
                .withPadding(golden.whole("padding"))
                .withDilation(golden.whole("dilation"))
                .withCeil(golden.flag("ceil_mode"))
                .withCountPadding(golden.flag("count_include_pad"));
    }

    private static Pool3dParameters boxes(GoldenCase golden) {
        return Pool3dParameters.of(golden.whole("kernel_size"))
                .withStride(golden.whole("stride"))
                .withPadding(golden.whole("padding"))
                .withDilation(golden.whole("dilation"))
                .withCeil(golden.flag("ceil_mode"))
                .withCountPadding(golden.flag("count_include_pad"));
    }

    /** Reads PyTorch's order: left, right, top, bottom. */
    private static Padding2d around(GoldenCase golden) {
        int[] sides = golden.list("padding");
        return new Padding2d(sides[2], sides[3], sides[0], sides[1]);
    }

    private static Interpolation interpolation(GoldenCase golden) {
        return Interpolation.valueOf(golden.text("mode").replace('-', '_').toUpperCase(Locale.ROOT));
    }

    /** Values at the places of a grid, which is a parameter here. */
    private static final class Sampling implements Layer {
        private final GoldenCase golden;
        private final Parameter grid;

        Sampling(GoldenCase golden) {
            this.golden = golden;
            this.grid = Parameter.of(golden.tensor("grid").shape(), Initializer.constant(0));
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            GridPadding padding =
                    GridPadding.valueOf(golden.text("padding_mode").toUpperCase(Locale.ROOT));
            Tensor places = pass.use(grid);
            Interpolation mode = interpolation(golden);
            Tensor y = x.gridSample(places, mode, padding, golden.flag("align_corners"));
            // The nearest pixel does not depend on the grid, whose gradient is 0 in PyTorch.
            return mode.isNearest() ? y.add(places.sum().mul(0)) : y;
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("grid", grid);
        }
    }
}
