package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.alborz.data.Dataset;
import org.alborz.data.Sample;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains on folders of images, red and blue ones of several sizes. */
class ImageFoldersTest {
    private static final int IMAGES = 10;

    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void name() {
        data = folder.resolve("my images");
    }

    private void write(String part, int from) throws IOException {
        for (int i = from; i < from + IMAGES; i++) {
            image(part + "red/" + i + ".png", 0xFF0000 + i, i);
            image(part + "blau ü/" + i + ".PNG", 0x0000FF + (i << 8), i);
        }
    }

    private void image(String file, int rgb, int i) throws IOException {
        BufferedImage image = new BufferedImage(3 + i % 5, 4 + i % 3, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < image.getWidth() * image.getHeight(); at++) {
            image.setRGB(at % image.getWidth(), at / image.getWidth(), rgb);
        }
        Path path = data.resolve(file);
        Files.createDirectories(path.getParent());
        ImageIO.write(image, "png", path.toFile());
    }

    private CommandResult train(Object... more) {
        Object[] all = new Object[more.length + 8];
        System.arraycopy(
                new Object[] {"train", "mlp", "--backend", "cpu-scalar", "--batch-size", "5", "--data", data},
                0,
                all,
                0,
                8);
        System.arraycopy(more, 0, all, 8, more.length);
        return CommandResult.of(all);
    }

    @Test
    void trainsEvaluatesPredictsAndGoesOn() throws IOException {
        write("train/", 0);
        write("test/", 20);
        Path out = folder.resolve("run");
        CommandResult trained = train("--image-size", "8", "--epochs", "3", "--out", out);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out())
                .contains("image folder (20 files resized to 3 x 8 x 8, 2 classes", data.toString())
                .contains("99,842 parameters", "Best validation accuracy 100.0 %");

        Path best = out.resolve("best.safetensors");
        CommandResult evaluated = CommandResult.of("evaluate", best, "--backend", "cpu-scalar");
        assertThat(evaluated.err()).isEmpty();
        assertThat(evaluated.out()).contains("100.00 % of 20 images", "blau ü", "red");
        CommandResult predicted =
                CommandResult.of("predict", best, data.resolve("test/red/20.png"), "--backend", "cpu-scalar");
        assertThat(predicted.out()).contains("20.png: red ");

        Path moved = folder.resolve("moved");
        Files.move(data, moved);
        CommandResult resumed = CommandResult.of(
                "train", "--resume", "--out", out, "--data", moved, "--epochs", "4", "--backend", "cpu-scalar");
        assertThat(resumed.err()).isEmpty();
        assertThat(resumed.out()).contains("Going on after epoch 3");
    }

    @Test
    void aFifthIsHeldOutOfClassesWithoutParts() throws IOException {
        write("", 0);
        ImageSource source = new ImageSource(data.toString(), 0, 8);
        assertThat(source.training().size()).isEqualTo(16);
        assertThat(source.test().size()).isEqualTo(4);
        assertThat(source.validation().description()).isEqualTo(source.test().description());
        CommandResult trained = train("--image-size", "8", "--epochs", "1", "--out", folder.resolve("run"));
        assertThat(trained.err()).isEmpty();
        assertThat(trained.out()).contains("16 samples of: image folder (20 files");
    }

    /** Of the first ones, all would be of one class. */
    @Test
    void aLimitTakesImagesOfAllClasses() throws IOException {
        write("train/", 0);
        write("test/", 20);
        Dataset few = new ImageSource(data.toString(), 10, 8).training();
        assertThat(few.size()).isEqualTo(10);
        int red = 0;
        for (int i = 0; i < 10; i++) {
            red += Sample.of(few, i).ints(1)[0];
        }
        assertThat(red).isBetween(1, 9);
        assertThat(new ImageSource(data.toString(), 1000, 8).training().size()).isEqualTo(20);
    }

    @Test
    void validationIsForTrainingAndTestForMeasuring() throws IOException {
        write("train/", 0);
        write("val/", 10);
        image("val/red/extra.png", 0xFF0000, 1);
        write("test/", 20);
        ImageSource source = new ImageSource(data.toString(), 0, 8);
        assertThat(source.validation().size()).isEqualTo(21);
        assertThat(source.test().size()).isEqualTo(20);
    }

    @Test
    void partsThatDoNotFitAreRefused() throws IOException {
        write("train/", 0);
        CommandResult alone = train();
        assertThat(alone.code()).isEqualTo(ExitCodes.DATA);
        assertThat(alone.err())
                .contains(
                        "none of val, validation, test beside it",
                        data.resolve("train").toString());

        image("val/red/1.png", 0xFF0000, 1);
        image("val/green/1.png", 0xFF00, 1);
        CommandResult other = train();
        assertThat(other.code()).isEqualTo(ExitCodes.DATA);
        assertThat(other.err()).contains("'green', 'red'", "'blau ü', 'red'", "let both have the same");
        assertThat(folder.resolve("runs")).doesNotExist();
    }

    /** Of the validation's two batches of up to 256 images, rank 0 reads the first and rank 1 the second. */
    @Tag("sweep")
    @DisabledOnOs(OS.WINDOWS)
    @ParameterizedTest
    @CsvSource({"0, 100", "1, 280"})
    void aDamagedImageEndsAGroupThatGoesOn(int rank, int at) throws IOException, InterruptedException {
        write("train/", 0);
        for (int i = 0; i < 300; i++) {
            image(String.format("val/%s/%03d.png", i < 150 ? "blau ü" : "red", i), 0xFF0000 >> i / 150 * 16, i);
        }
        Path damaged = data.resolve("val/" + (at < 150 ? "blau ü" : "red") + "/" + at + ".png");
        byte[] whole = Files.readAllBytes(damaged);
        Files.writeString(damaged, "no image");
        Path out = folder.resolve("run");
        String ended = launch(
                ExitCodes.DATA,
                List.of("mlp", "--batch-size", 5, "--data", data, "--image-size", 8, "--epochs", 2, "--out", out));
        assertThat(ended)
                .contains(at + ".png could not be read as an image", "Rank " + rank + " failed with exit code 4")
                .contains("last.safetensors at step 2", "./alborz launch --ranks 2 train --resume --out " + out);

        Files.write(damaged, whole);
        assertThat(launch(ExitCodes.OK, List.of("--resume", "--out", out)))
                .contains("Going on after epoch 0, batch 4 (step 2)", "epoch 1/2", "epoch 2/2");
    }

    /** Trains by two processes and returns what they printed. */
    private String launch(int code, List<Object> words) throws IOException, InterruptedException {
        List<Object> all = new ArrayList<>(List.of("launch", "--ranks", 2, "train", "--backend", "cpu-scalar"));
        all.addAll(words);
        Path printed = folder.resolve("printed.txt");
        int ended = StartedCommand.start(printed, all.toArray()).waitFor();
        assertThat(ended).as(Files.readString(printed)).isEqualTo(code);
        return Files.readString(printed);
    }

    /** The epoch before it is not lost. */
    @Test
    void aDamagedImageOfTheValidationEndsARunThatGoesOn() throws IOException {
        write("train/", 0);
        write("val/", 20);
        Path damaged = Files.writeString(data.resolve("val/red/damaged.png"), "no image");
        Path out = folder.resolve("run");
        CommandResult ended = train("--image-size", "8", "--epochs", "2", "--out", out);
        assertThat(ended.code()).isEqualTo(ExitCodes.DATA);
        assertThat(ended.err()).contains("damaged.png could not be read as an image");
        assertThat(ended.out()).contains("last.safetensors at step 4", "--resume --out " + out);

        Files.delete(damaged);
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", out, "--backend", "cpu-scalar");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("Going on after epoch 0, batch 4 (step 4)", "epoch 1/2", "epoch 2/2");
    }

    @Test
    void aFolderOfOneClassIsNoData() throws IOException {
        write("", 0);
        CommandResult result = CommandResult.of("train", "mlp", "--data", data.resolve("red"));
        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("a directory with a folder for each class");
    }

    /** A vehicle is a class as well. */
    @Test
    void aClassMayBeNamedTrain() throws IOException {
        image("train/1.png", 0xFF, 1);
        image("plane/1.png", 0xFF00, 1);
        image("plane/2.png", 0xFF00, 1);
        ImageSource source = new ImageSource(data.toString(), 0);
        assertThat(source.training().classes()).isEqualTo(List.of("plane", "train"));
        assertThat(source.training().size() + source.test().size()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3         | --image-size expects 4 to 512, got 3",
                "513       | --image-size expects 4 to 512, got 513",
                "33        | --image-size expects 32, which generated images have, got 33"
            })
    void sizesThatMakeNoSenseAreRefused(String size, String message) {
        CommandResult result = CommandResult.of("train", "mlp", "--image-size", size, "--out", folder.resolve("run"));
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains(message);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void sizesThatANetCannotTakeAreRefused() {
        CommandResult result = CommandResult.of(
                "train", "vgg16", "--data", data, "--image-size", "16", "--out", folder.resolve("run"));
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(result.err()).contains("--image-size expects at least 32 for vgg16, got 16");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"cifar-cnn, 4", "cifar-cnn, 9", "resnet20, 4", "resnet20, 17"})
    void everyNetTakesEverySize(String model, int size) throws IOException {
        write("", 0);
        CommandResult result = CommandResult.of(
                "train",
                model,
                "--backend",
                "cpu-vector",
                "--data",
                data,
                "--image-size",
                size,
                "--epochs",
                "1",
                "--out",
                folder.resolve("run"));
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
    }
}
