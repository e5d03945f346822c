package org.alborz.models;

import java.util.ArrayList;
import java.util.List;
import org.alborz.nn.Conv2d;
import org.alborz.nn.ConvTranspose2d;
import org.alborz.nn.Layer;
import org.alborz.nn.MaxPool2d;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * A net from images to images of the same size (Ronneberger et al. 2015), such as for a class of each pixel: down through halved images
 * with twice the channels, and up again by transposed convolutions, each step reading the result of the way down at its size as well.
 * Convolutions are padded and have batch normalisation.
 */
public final class UNet implements Layer {
    private final int depth;
    private final List<Layer> down = new ArrayList<>();
    private final List<Layer> enlarge = new ArrayList<>();
    private final List<Layer> up = new ArrayList<>();
    private final Layer pool = new MaxPool2d(2);
    private final Layer scores;

    /** Makes a small net of three halvings that begins with 16 channels: 0.48 million parameters. */
    public UNet(int in, int out) {
        this(in, out, 16, 3);
    }

    /**
     * Makes a net.
     *
     * @param in channels of the input
     * @param out channels of the result, such as classes
     * @param width channels at full size; the paper has 64
     * @param depth how often the image is halved, from 1 to 8; the paper has 4
     */
    public UNet(int in, int out, int width, int depth) {
        if (in < 1 || out < 1 || width < 1 || depth < 1 || depth > 8) {
            throw new IllegalArgumentException("UNet expects at least one channel, and 1 to 8 halvings; got " + in
                    + " to " + out + " channels, width " + width + ", depth " + depth);
        }
        this.depth = depth;
        for (int level = 0; level <= depth; level++) {
            int channels = width << level;
            down.add(twice(level == 0 ? in : channels / 2, channels));
            if (level < depth) {
                enlarge.add(new ConvTranspose2d(2 * channels, channels, 2).stride(2));
                up.add(twice(2 * channels, channels));
            }
        }
        this.scores = new Conv2d(width, out, 1);
    }

    private static Layer twice(int in, int out) {
        List<Layer> layers = new ArrayList<>();
        Blocks.convNormRelu(in, out, 3, 1).forEach(layers::add);
        Blocks.convNormRelu(out, out, 3, 1).forEach(layers::add);
        return new Sequential(layers);
    }

    /** Turns {@code [N, in, H, W]} into {@code [N, out, H, W]}; H and W are multiples of 2^depth. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int multiple = 1 << depth;
        if (x.shape().rank() != 4
                || x.shape().size(2) % multiple != 0
                || x.shape().size(3) % multiple != 0) {
            throw new IllegalArgumentException("UNet expects input [N, C, H, W] with height and width divisible by "
                    + multiple + ", got " + x.describe() + "; pad the images or take a smaller depth");
        }
        try (Scope scope = x.session().scope("UNet")) {
            return scope.keep(downAndUp(x, pass));
        }
    }

    private Tensor downAndUp(Tensor x, Pass pass) {
        Tensor[] levels = new Tensor[depth];
        Tensor value = x;
        for (int level = 0; level < depth; level++) {
            levels[level] = pass.run(down.get(level), value);
            value = pass.run(pool, levels[level]);
        }
        value = pass.run(down.get(depth), value);
        for (int level = depth - 1; level >= 0; level--) {
            Tensor enlarged = pass.run(enlarge.get(level), value);
            value = pass.run(up.get(level), joined(levels[level], enlarged));
        }
        return pass.run(scores, value);
    }

    /** Puts channels side by side, which images have innermost in memory. */
    private static Tensor joined(Tensor a, Tensor b) {
        return Tensor.concat(3, a.permute(0, 2, 3, 1), b.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
    }

    @Override
    public void describe(Structure structure) {
        for (int level = 0; level <= depth; level++) {
            structure.module("down" + level, down.get(level));
        }
        for (int level = depth - 1; level >= 0; level--) {
            structure.module("enlarge" + level, enlarge.get(level));
            structure.module("up" + level, up.get(level));
        }
        structure.module("scores", scores);
    }
}
