package org.alborz.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alborz.tensor.Session;
import org.alborz.train.EpochResult;
import org.alborz.train.Evaluation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the examples, shorter than their readers do. */
class ExamplesTest {
    private static final String BACKEND = "cpu-vector";

    @Test
    void quickstartLearns() {
        assertThat(Quickstart.train(BACKEND, 1_000, 2)).isGreaterThan(0.4);
    }

    @Test
    void ownArraysAreToldApart() {
        assertThat(OwnArrays.train(BACKEND, 300, 20)).isGreaterThan(0.9);
    }

    @Test
    void fullBatchesFitACurve() {
        assertThat(FullBatch.train(BACKEND, 15)).isLessThan(0.01); // the mean square of the targets is 0.6
    }

    @Test
    void regressionExplainsMostOfTheVariance() {
        List<EpochResult> epochs = Regression.train(BACKEND, 600, 30);
        assertThat(epochs.get(epochs.size() - 1).value("val_r2")).isGreaterThan(0.8);
    }

    @Test
    void rarePositivesAreFound() {
        Evaluation evaluation = ImbalancedBinary.train(BACKEND, 4_000, 5);
        assertThat(evaluation.value("auc")).isGreaterThan(0.9);
        assertThat(evaluation.value("recall")).isGreaterThan(0.7);
    }

    @Test
    void imagesInFoldersAreToldApart(@TempDir Path folder) throws IOException {
        for (int i = 0; i < 40; i++) {
            write(folder.resolve("light").resolve(i + ".png"), 0xffe0e0e0 - i);
            write(folder.resolve("dark").resolve(i + ".png"), 0xff202020 + i);
        }
        assertThat(ImageFolderTraining.train(BACKEND, folder, 4)).isGreaterThan(0.9);
    }

    private static void write(Path file, int rgb) throws IOException {
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, rgb);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    @Test
    void theAutoencoderReconstructs() {
        double[] errors = Autoencoder.train(BACKEND, 400, 3);
        assertThat(errors[1]).isLessThan(errors[0] / 2);
    }

    @Test
    void aCharacterModelWritesOn(@TempDir Path folder) throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "to be or not to be, that is the question. ".repeat(40));
        String written = CharacterModel.train(BACKEND, text, folder, 2, 30);
        assertThat(written).startsWith("t").hasSize(31);
        assertThat(folder.resolve("vocabulary.txt")).hasContent(" ,.abehinoqrstu");
    }

    @Test
    void theGeneratorLearnsTheMean() {
        assertThat(Gan.train(BACKEND, 600)).isBetween(2.5, 5.5);
    }

    @Test
    void aNewHeadLearnsFast() throws IOException {
        assertThat(TransferLearning.train(BACKEND, 1_500)).isGreaterThan(0.4);
    }

    @Test
    void ownLoopTellsTheSpiralsApart() {
        assertThat(OwnLoop.train("cpu-scalar", 200)).isGreaterThan(0.9);
    }

    @Test
    void everyRequestIsAnswered() throws Exception {
        assertThat(Serving.serve(BACKEND, 200)).isEqualTo(200);
    }

    @Test
    void theCustomOperationHasItsGradient() {
        try (Session session = Session.open("cpu-scalar")) {
            double[] slopes = CustomOperation.slopes(session.tensor(new float[] {-1, 0, 1}, Shape.of(3)));
            assertThat(slopes[0]).isCloseTo(0.0723295, org.assertj.core.data.Offset.offset(1e-6));
            assertThat(slopes[1]).isEqualTo(0.5);
            assertThat(slopes[2]).isCloseTo(0.9276705, org.assertj.core.data.Offset.offset(1e-6));
        }
    }

    /** They are there to be read. */
    @Test
    void noExampleIsLong() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/java/org/alborz/examples"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(60);
            }
        }
    }
}
