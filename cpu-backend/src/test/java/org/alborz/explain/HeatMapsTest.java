package org.alborz.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.alborz.models.Models;
import org.alborz.nn.Conv2d;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grad-CAM, occlusion and their pictures. */
class HeatMapsTest {
    private Session session;
    private Model model;

    @TempDir
    Path folder;

    @BeforeEach
    void open() {
        session = Session.open("cpu-vector");
        // One by one convolution to two maps, averaged: score c is the sum over k of w[c][k] times the mean of map k.
        model = Model.create(
                session,
                new Sequential(
                        new Conv2d(1, 2, 1).bias(false),
                        new GlobalAvgPool2d(),
                        new Linear(2, 2).activation(Activation.NONE)),
                1);
        model.parameter("0.weight").value().assign(session.tensor(new float[] {1, -1}, Shape.of(2, 1, 1, 1)));
        model.parameter("2.weight").value().assign(session.tensor(new float[] {3, 1, -2, 4}, Shape.of(2, 2)));
    }

    @AfterEach
    void close() {
        model.close();
        session.close();
    }

    private Tensor image() {
        return session.tensor(new float[] {1, 0, -1, 2, 0, 0}, Shape.of(1, 1, 2, 3));
    }

    @Test
    void gradCamWeighsMapsByTheMeanGradient() {
        // Maps are x and −x; the gradient of score 0 by map k at each of 6 places is w[0][k] / 6, so the sum is (3x −
        // x) / 6.
        HeatMap first = GradCam.of(model, "0").maps(image(), new int[] {0}).get(0);
        assertThat(first.values()[0]).containsExactly(new float[] {2 / 6f, 0, 0}, within(1e-6f));
        assertThat(first.values()[1]).containsExactly(new float[] {4 / 6f, 0, 0}, within(1e-6f));
        // Of score 1: (−2x − 4x) / 6, positive where x is negative.
        HeatMap second = GradCam.of(model, "0").maps(image(), new int[] {1}).get(0);
        assertThat(second.values()[0]).containsExactly(new float[] {0, 0, 1}, within(1e-6f));
        // The model's answer for this image is class 0: the mean is 1/3.
        assertThat(GradCam.of(model, "0").maps(image()).get(0).values()).isDeepEqualTo(first.values());
    }

    @Test
    void gradCamTakesLayersInsideOfBlocks() {
        try (Model net = Model.create(session, Models.resnet20(10), 1)) {
            Tensor images = session.normal(new RandomKey(1, 1, 1), Shape.of(2, 3, 16, 16));
            for (int i = 0; i < 5; i++) {
                net.predict(images).close(); // keeps filters with the factors of normalisations in them
            }
            long before = session.memory().buffers();
            for (String layer : new String[] {"11", "10.body.3", "2"}) {
                assertThat(GradCam.of(net, layer).maps(images))
                        .hasSize(2)
                        .allMatch(map -> map.rows() == (layer.equals("2") ? 16 : 4));
            }
            assertThat(session.memory().buffers()).isEqualTo(before);
            assertThatThrownBy(() -> GradCam.of(net, "99")).hasMessageContaining("no layer '99'");
            assertThatThrownBy(() -> GradCam.of(net, "12").maps(session.zeros(Shape.of(1, 3, 16, 16))))
                    .hasMessageContaining("expects a layer whose results are [N, K, H, W], got [1, 64]");
        }
        assertThatThrownBy(() -> GradCam.of(model, "0").maps(image(), new int[] {2}))
                .hasMessageContaining("classes from 0 to 1, got 2");
    }

    @Test
    void occlusionShowsWhatTheClassNeeds() {
        HeatMap map = new Occlusion(1, 1).map(model, image(), 0);
        double whole = probability(2.0 / 6, 0);
        assertThat(map.rows()).isEqualTo(2);
        assertThat(map.values()[0][0]).isCloseTo((float) (whole - probability(1.0 / 6, 0)), within(1e-5f));
        assertThat(map.values()[1][0]).isCloseTo((float) (whole - probability(0, 0)), within(1e-5f));
        assertThat(map.values()[0][2]).as("what speaks against it").isNegative();
        assertThat(map.values()[0][1]).isZero();
        assertThat(new Occlusion(2, 1, 5, 1)
                        .map(model, image().reshape(1, 2, 3), 0)
                        .columns())
                .isEqualTo(2);
        assertThatThrownBy(() -> new Occlusion(3, 1).map(model, image(), 0))
                .hasMessageContaining("at least 3 pixels a side");
        assertThatThrownBy(() -> new Occlusion(1, 1).map(model, image(), 2))
                .hasMessageContaining("one of these classes");
    }

    /** Of class 0, where the mean of x is m: scores are 2m and −6m. */
    private static double probability(double m, int ignored) {
        return 1 / (1 + Math.exp(-8 * m));
    }

    @Test
    void picturesAreWritten() throws Exception {
        HeatMap map = new HeatMap(new float[][] {{0, 1}, {2, 3}});
        Path file = folder.resolve("map.png");
        map.write(file);
        var picture = ImageIO.read(file.toFile());
        assertThat(picture.getWidth()).isEqualTo(2);
        assertThat(picture.getRGB(0, 0)).isEqualTo(0xFF000000);
        assertThat(picture.getRGB(1, 0)).isEqualTo(0xFFFF0000);
        assertThat(picture.getRGB(0, 1)).isEqualTo(0xFFFFFF00);
        assertThat(picture.getRGB(1, 1)).isEqualTo(0xFFFFFFFF);
        Path over = folder.resolve("over.png");
        map.write(over, new byte[3 * 4 * 4], 4, 4);
        var overlay = ImageIO.read(over.toFile());
        assertThat(overlay.getHeight()).isEqualTo(4);
        assertThat(overlay.getRGB(3, 3)).isEqualTo(0xFF808080);
        HeatMap large = map.resized(4, 4);
        assertThat(large.values()[0]).containsExactly(new float[] {0, 0.25f, 0.75f, 1}, within(1e-6f));
        assertThat(large.values()[1][1]).isEqualTo(0.75f);
        assertThat(map.normalized().values()[1]).containsExactly(2 / 3f, 1);
        assertThatThrownBy(() -> map.write(over, new byte[5], 4, 4)).hasMessageContaining("3 bytes for each of 4×4");
    }
}
