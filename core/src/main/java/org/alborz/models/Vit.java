package org.alborz.models;

import org.alborz.nn.Activations;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Dropout;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.LearnedPositions;
import org.alborz.nn.Linear;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.nn.TransformerEncoder;
import org.alborz.nn.TransformerEncoderLayer;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * A transformer that classifies images (Dosovitskiy et al. 2021): each patch becomes a vector, layers of attention that normalise first read
 * them beside a learned class token, and that one's output makes the scores.
 */
public final class Vit implements Layer {
    private final Configuration configuration;
    private final Conv2d patches;
    private final Parameter token;
    private final LearnedPositions positions;
    private final Dropout dropout;
    private final TransformerEncoder blocks;
    private final Linear head;

    /**
     * The sizes.
     *
     * @param image height and width of an image in three channels, a multiple of the patch
     * @param patch height and width of a patch
     * @param size of the vectors, a multiple of the heads
     * @param hidden the width of the feed-forward nets
     * @param dropout in [0, 1)
     */
    public record Configuration(
            int image, int patch, int size, int heads, int hidden, int layers, int classes, double dropout) {
        /** Refuses patches that do not tile an image. */
        public Configuration {
            if (patch < 1 || image < patch || image % patch != 0) {
                throw new IllegalArgumentException(
                        "Vit expects images whose sides are a multiple of the patch, got " + image + " and " + patch);
            }
        }

        /** Returns a net for images of 32×32: patches of 4×4, six layers of 192 numbers; 2.7 million parameters. */
        public static Configuration small(int classes) {
            return new Configuration(32, 4, 192, 3, 768, 6, classes, 0.1);
        }
    }

    /** Makes a net; its layers refuse sizes that do not fit. */
    public Vit(Configuration configuration) {
        this.configuration = configuration;
        int size = configuration.size();
        int side = configuration.image() / configuration.patch();
        patches = new Conv2d(3, size, configuration.patch()).stride(configuration.patch());
        token = Parameter.of(Shape.of(1, 1, size), Initializer.constant(0));
        positions = new LearnedPositions(size, side * side + 1);
        dropout = new Dropout(configuration.dropout());
        blocks = new TransformerEncoder(
                () -> new TransformerEncoderLayer(size, configuration.heads(), configuration.hidden())
                        .dropout(configuration.dropout())
                        .activation(Activations.gelu())
                        .normFirst(true),
                configuration.layers());
        head = new Linear(size, configuration.classes()).weight(Initializer.normal(0.01));
    }

    /**
     * Computes scores of the classes.
     *
     * @param images {@code [N, 3, image, image]}
     * @return logits {@code [N, classes]}
     */
    @Override
    public Tensor forward(Tensor images, Pass pass) {
        int side = configuration.image();
        if (images.shape().rank() != 4
                || images.shape().size(2) != side
                || images.shape().size(3) != side) {
            throw new IllegalArgumentException(
                    "Vit expects images [N, 3, " + side + ", " + side + "], got " + images.describe());
        }
        Tensor maps = pass.run(patches, images);
        int batch = maps.shape().size(0);
        int size = maps.shape().size(1);
        // Images are stored channels-last, so that the patches' vectors are there already.
        Tensor vectors = maps.permute(0, 2, 3, 1)
                .reshape(batch, maps.shape().size(2) * maps.shape().size(3), size);
        Tensor first = pass.use(token).to(vectors.dtype()).expand(Shape.of(batch, 1, size));
        Tensor x = pass.run(dropout, pass.run(positions, Tensor.concat(1, first, vectors)));
        return pass.run(head, pass.run(blocks, x).select(1, 0));
    }

    @Override
    public void describe(Structure structure) {
        structure.module("patches", patches);
        structure.parameter("token", token);
        structure.module("positions", positions);
        structure.module("blocks", blocks);
        structure.module("head", head);
    }

    @Override
    public String toString() {
        return "Vit(" + configuration + ")";
    }
}
