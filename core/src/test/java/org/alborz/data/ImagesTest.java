package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    private static final ChannelNormalization NONE =
            new ChannelNormalization(new float[] {0, 0, 0}, new float[] {1, 1, 1});

    @TempDir
    Path directory;

    @Test
    void readsTheSameSizeExactly() throws IOException {
        BufferedImage image = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 12; i++) {
            image.setRGB(i % 4, i / 4, i * 20 << 16 | i * 10 << 8 | 255 - i);
        }
        float[] sample = Images.load(write(image, "a.png"), Shape.of(3, 3, 4), NONE);
        for (int i = 0; i < 12; i++) {
            assertThat(sample[i * 3]).isCloseTo(i * 20 / 255f, within(1e-6f));
            assertThat(sample[i * 3 + 1]).isCloseTo(i * 10 / 255f, within(1e-6f));
            assertThat(sample[i * 3 + 2]).isCloseTo((255 - i) / 255f, within(1e-6f));
        }
        float[] normalised = Images.load(directory.resolve("a.png"), Shape.of(3, 3, 4), ChannelNormalization.CIFAR10);
        assertThat(normalised[3]).isCloseTo((20 / 255f - 0.4914f) / 0.2470f, within(1e-5f));
    }

    @Test
    void enlargesBilinearly() throws IOException {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(1, 0, 0xFF0000);
        float[] sample = Images.load(write(image, "a.png"), Shape.of(3, 2, 4), NONE);
        // Centres of four columns over two: -0.25, 0.25, 0.75, 1.25 of the way from black to red, held at the borders.
        for (int row = 0; row < 2; row++) {
            assertThat(sample[row * 12]).isCloseTo(0, within(1e-6f));
            assertThat(sample[row * 12 + 3]).isCloseTo(0.25f, within(1e-6f));
            assertThat(sample[row * 12 + 6]).isCloseTo(0.75f, within(1e-6f));
            assertThat(sample[row * 12 + 9]).isCloseTo(1, within(1e-6f));
            assertThat(sample[row * 12 + 10]).isZero();
        }
    }

    @Test
    void shrinksWithoutAliasing() throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, (i % 64 + i / 64) % 2 == 0 ? 0xFFFFFF : 0);
        }
        float[] sample = Images.load(write(image, "a.png"), Shape.of(3, 7, 7), NONE);
        for (float value : sample) {
            assertThat(value).isCloseTo(0.5f, within(0.02f));
        }
    }

    @Test
    void keepsAFlatColourAtAnySize() throws IOException {
        BufferedImage image = new BufferedImage(37, 11, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 37 * 11; i++) {
            image.setRGB(i % 37, i / 37, 0x336699);
        }
        Path file = write(image, "a.png");
        for (int[] size : new int[][] {{1, 1}, {5, 90}, {32, 32}, {11, 37}, {100, 3}}) {
            float[] sample = Images.load(file, Shape.of(3, size[0], size[1]), NONE);
            for (int i = 0; i < sample.length; i++) {
                assertThat(sample[i]).isCloseTo(new float[] {0.2f, 0.4f, 0.6f}[i % 3], within(1e-5f));
            }
        }
    }

    @Test
    void whatIsTransparentIsWhite() throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        assertThat(Images.load(write(image, "a.png"), Shape.of(3, 1, 1), NONE)).containsExactly(1, 1, 1);
    }

    @Test
    void readsSeveralFiles() throws IOException {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
        Path black = write(image, "a.png");
        image.setRGB(0, 0, 0xFFFFFF);
        Path white = write(image, "b.bmp");
        assertThat(Images.load(List.of(black, white), Shape.of(3, 1, 1), NONE)).containsExactly(0, 0, 0, 1, 1, 1);
    }

    @Test
    void namesFilesThatCannotBeRead() throws IOException {
        Shape shape = Shape.of(3, 2, 2);
        Path text = Files.writeString(directory.resolve("notes.txt"), "no image");
        assertThatThrownBy(() -> Images.load(text, shape, NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("notes.txt")
                .hasMessageContaining("png")
                .hasMessageContaining("jpg");
        assertThatThrownBy(() -> Images.load(directory.resolve("gone.png"), shape, NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("gone.png");
        Path truncated = directory.resolve("cut.png");
        byte[] whole = Files.readAllBytes(write(new BufferedImage(50, 50, BufferedImage.TYPE_INT_RGB), "a.png"));
        Files.write(truncated, java.util.Arrays.copyOf(whole, 50));
        assertThatThrownBy(() -> Images.load(truncated, shape, NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cut.png")
                .hasMessageContaining("damaged");
        assertThatThrownBy(() -> Images.load(text, Shape.of(1, 2, 2), NONE)).hasMessageContaining("[3, H, W]");
    }

    @Test
    void aGreyImageIsItsRgbCopy() throws IOException {
        for (String format : new String[] {"png", "jpg", "bmp"}) {
            BufferedImage grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
            BufferedImage rgb = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < 256; i++) {
                // A JPEG keeps one value a block.
                int value = format.equals("jpg") ? 131 : i;
                grey.getRaster().setSample(i % 16, i / 16, 0, value);
                rgb.setRGB(i % 16, i / 16, value * 0x010101);
            }
            float[] sample = Images.load(write(grey, "grey." + format), Shape.of(3, 16, 16), NONE);
            assertThat(sample).containsExactly(Images.load(write(rgb, "rgb." + format), Shape.of(3, 16, 16), NONE));
            assertThat(sample[131 * 3]).isEqualTo(131 / 255f);
        }
    }

    @Test
    void refusesAJpegThatIsCutOff() throws IOException {
        byte[] whole = Files.readAllBytes(write(new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB), "a.jpg"));
        for (int percent : new int[] {10, 50, 90, 99}) {
            Path file = Files.write(
                    directory.resolve("cut.jpg"), java.util.Arrays.copyOf(whole, whole.length * percent / 100));
            assertThatThrownBy(() -> Images.load(file, Shape.of(3, 2, 2), NONE))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("cut.jpg")
                    .hasMessageContaining("damaged");
        }
    }

    @Test
    @Timeout(300)
    void refusesWhatIsNoRegularFile() throws Exception {
        assertThatThrownBy(() -> Images.load(directory, Shape.of(3, 2, 2), NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("is a directory");
        Path zero = Path.of("/dev/zero");
        Assumptions.assumeTrue(Files.exists(zero), "SKIPPED: no devices and pipes here");
        Path pipe = directory.resolve("pipe.png");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        for (Path file : List.of(zero, pipe, Files.createSymbolicLink(directory.resolve("link.png"), pipe))) {
            assertThatThrownBy(() -> Images.load(file, Shape.of(3, 2, 2), NONE))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("pipe or device");
        }
        Path image = write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "a.png");
        Path link = Files.createSymbolicLink(directory.resolve("to.png"), image);
        assertThat(Images.load(link, Shape.of(3, 1, 1), NONE)).containsExactly(0, 0, 0);
    }

    @Test
    void refusesAFileOfTooManyBytes() throws IOException {
        Path file = directory.resolve("long.png");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        assertThatThrownBy(() -> Images.load(file, Shape.of(3, 1, 1), NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("long.png has 3,221,225,472 bytes; at most 268,435,456 are read");
    }

    @Test
    void escapesWhatAFileNameHolds() {
        assertThatThrownBy(() -> Images.load(directory.resolve("a\u001b[2J.png"), Shape.of(3, 1, 1), NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a\\u001b[2J.png")
                .hasMessageMatching("[ -~]*");
    }

    @Test
    void refusesMoreValuesThanAnArrayHolds() {
        List<Path> files = Collections.nCopies(1000, directory.resolve("gone.png"));
        assertThatThrownBy(() -> Images.load(files, Shape.of(3, 1000, 1000), NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1000 images of shape [3, 1000, 1000]");
        assertThatThrownBy(() -> Images.load(files.get(0), Shape.of(3, 50_000, 50_000), NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fewer");
    }

    @Test
    void refusesASmallFileThatClaimsToBeHuge() throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        ByteBuffer chunk = ByteBuffer.allocate(25).putInt(13).put(new byte[] {'I', 'H', 'D', 'R'});
        chunk.putInt(1_000_000).putInt(1_000_000).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 17);
        png.write(chunk.putInt((int) crc.getValue()).array());
        // The reader looks for the image data before it tells the size.
        png.write(new byte[] {0, 0, 0, 0, 'I', 'D', 'A', 'T', 0x35, (byte) 0xAF, 0x06, 0x1E});
        Path file = Files.write(directory.resolve("huge.png"), png.toByteArray());
        assertThatThrownBy(() -> Images.load(file, Shape.of(3, 2, 2), NONE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("huge.png")
                .hasMessageContaining("1,000,000 x 1,000,000 pixels");
    }

    private Path write(BufferedImage image, String name) throws IOException {
        Path file = directory.resolve(name);
        assertThat(ImageIO.write(image, name.substring(name.indexOf('.') + 1), file.toFile()))
                .isTrue();
        return file;
    }
}
