package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.alborz.data.Dataset;
import org.alborz.data.Sample;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Published data sets by their names, in a cache that holds small files of their formats, and by directories of these. */
class DataByNameTest {
    private static final int IMAGES = 40;

    @TempDir
    Path folder;

    @BeforeEach
    void useAnEmptyCache() {
        System.setProperty(CacheFolder.PROPERTY, folder.resolve("cache").toString());
    }

    @AfterEach
    void useTheUsualCache() {
        System.clearProperty(CacheFolder.PROPERTY);
    }

    private static byte[] idx(byte[] values, int... sizes) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * sizes.length + values.length);
        bytes.putInt(0x0800 | sizes.length);
        for (int size : sizes) {
            bytes.putInt(size);
        }
        return bytes.put(values).array();
    }

    /** Writes images whose class shows in their brightness. */
    private static void writeIdx(Path directory, boolean packed) throws IOException {
        Files.createDirectories(directory);
        byte[] pixels = new byte[IMAGES * 28 * 28];
        byte[] labels = new byte[IMAGES];
        for (int i = 0; i < IMAGES; i++) {
            labels[i] = (byte) (i % 10);
            for (int p = 0; p < 28 * 28; p++) {
                pixels[i * 28 * 28 + p] = (byte) (labels[i] * 20 + p % 28);
            }
        }
        for (String part : new String[] {"train", "t10k"}) {
            write(directory, part + "-images-idx3-ubyte", idx(pixels, IMAGES, 28, 28), packed);
            write(directory, part + "-labels-idx1-ubyte", idx(labels, IMAGES), packed);
        }
    }

    private static void write(Path directory, String name, byte[] bytes, boolean packed) throws IOException {
        if (!packed) {
            Files.write(directory.resolve(name), bytes);
            return;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        Files.write(directory.resolve(name + ".gz"), out.toByteArray());
    }

    @Test
    void mnistByNameComesFromTheCache() throws IOException {
        Path cache = folder.resolve("cache/data/mnist");
        writeIdx(cache, false);
        Path out = folder.resolve("run");

        CommandResult trained = CommandResult.of(
                "train",
                "lenet5",
                "--data",
                "mnist",
                "--epochs",
                2,
                "--batch-size",
                10,
                "--backend",
                "cpu-vector",
                "--out",
                out);
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out()).contains("MNIST, training (40 images of 1 x 28 x 28", "from " + cache);
        assertThat(SavedModel.read(out.resolve("last.safetensors")).settings().data())
                .isEqualTo("mnist");

        CommandResult evaluated = CommandResult.of("evaluate", out.resolve("best.safetensors"));
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.out()).contains("MNIST, test", "of 40 images");
        CommandResult resumed = CommandResult.of("train", "--resume", "--out", out, "--epochs", 3, "--data", cache);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("epoch 3/3");
    }

    @Test
    void greyImagesAreResizedToThreeEqualChannels() throws IOException {
        writeIdx(folder.resolve("mnist"), true);
        Dataset images = new ImageSource(folder.resolve("mnist").toString(), 0).training();
        assertThat(images.description()).startsWith("MNIST, training");
        assertThat(images.size()).isEqualTo(IMAGES);
        assertThat(images.label(13)).isEqualTo(3);
        Sample sample = Sample.of(images, 13);
        for (int x = 0; x < 32; x++) {
            double place = Math.max(0, Math.min(27, (x + 0.5) * 28 / 32 - 0.5));
            for (int c = 0; c < 3; c++) {
                assertThat(sample.bytes(0)[(5 * 32 + x) * 3 + c] & 0xFF)
                        .isCloseTo((int) Math.round(60 + place), within(1));
            }
        }
    }

    @Test
    void directoriesAreRecognisedByTheirFiles() throws IOException {
        writeIdx(folder.resolve("a/MNIST/raw"), true);
        writeIdx(folder.resolve("b/FashionMNIST/raw"), true);
        writeIdx(folder.resolve("fashion-mnist"), false);
        assertThat(new ImageSource(folder.resolve("a").toString(), 0).training().classes())
                .contains("7");
        assertThat(new ImageSource(folder.resolve("b").toString(), 0).test().classes())
                .contains("Ankle boot");
        assertThat(new ImageSource(folder.resolve("fashion-mnist").toString(), 0)
                        .test()
                        .classes())
                .contains("Ankle boot");
        assertThat(PublishedImages.at(folder)).isEmpty();
    }

    @Test
    void cifar100IsClassifiedByItsHundredClasses() throws IOException {
        Path directory = Files.createDirectories(folder.resolve("c/cifar-100-binary"));
        for (Map.Entry<String, Integer> names : Map.of("fine_label_names.txt", 100, "coarse_label_names.txt", 20)
                .entrySet()) {
            Files.writeString(
                    directory.resolve(names.getKey()),
                    IntStream.range(0, names.getValue()).mapToObj(i -> "n" + i).collect(Collectors.joining("\n")));
        }
        byte[] records = new byte[10_000 * 3074];
        for (int i = 0; i < 10_000; i++) {
            records[i * 3074 + 1] = (byte) (i % 100);
            records[i * 3074 + 2] = (byte) (i % 100);
        }
        Files.write(directory.resolve("test.bin"), records);
        Dataset test = new ImageSource(folder.resolve("c").toString(), 150).test();
        assertThat(test.fields()).hasSize(2);
        assertThat(test.classes()).hasSize(100);
        assertThat(test.label(142)).isEqualTo(42);
        assertThat(Sample.of(test, 142).bytes(0)[0]).isEqualTo((byte) 42);
    }

    @Test
    void theCacheIsTheUsersUnlessNamed() {
        assertThat(CacheFolder.base(Map.of(), null, "/home/me")).isEqualTo(Path.of("/home/me/.cache/alborz"));
        assertThat(CacheFolder.base(Map.of("XDG_CACHE_HOME", "/big"), null, "/home/me"))
                .isEqualTo(Path.of("/big/alborz"));
        assertThat(CacheFolder.base(Map.of("XDG_CACHE_HOME", "relative"), null, "/home/me"))
                .isEqualTo(Path.of("/home/me/.cache/alborz"));
        assertThat(PublishedImages.CIFAR10.cache()).isEqualTo(folder.resolve("cache/data/cifar10"));
    }

    @Test
    void anUnknownNameIsADirectoryThatIsNotThere() {
        CommandResult result = CommandResult.of("train", "mlp", "--data", "cifar1000", "--out", folder.resolve("run"));
        assertThat(result.code()).isEqualTo(ExitCodes.DATA);
        assertThat(result.err()).contains("cifar1000", "does not exist", "mnist, fashion-mnist, cifar10, cifar100");
    }
}
