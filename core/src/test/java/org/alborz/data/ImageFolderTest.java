package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ImageFolderTest {
    @TempDir
    Path folder;

    private void write(String file, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 24; i++) {
            image.setRGB(i % 6, i / 6, rgb);
        }
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        ImageIO.write(image, "png", path.toFile());
    }

    private void writeFolders() throws IOException {
        write("tulip/b.PNG", 0x102030);
        write("tulip/a.png", 0xFF0001);
        write("rose/1.png", 0x405060);
        Files.writeString(folder.resolve("rose/notes.txt"), "no image");
        Files.writeString(folder.resolve("readme.txt"), "no folder");
        Files.createDirectory(folder.resolve(".hidden"));
        Files.writeString(folder.resolve("rose/.2.png"), "hidden");
    }

    @Test
    void foldersAreClasses() throws IOException {
        writeFolders();
        ImageFolder images = ImageFolder.of(folder, 2, 3);
        assertThat(images.classes()).containsExactly("rose", "tulip");
        assertThat(images.size()).isEqualTo(3);
        assertThat(images.file(1)).isEqualTo(folder.resolve("tulip/a.png"));
        int[][] pixels = {{0x40, 0x50, 0x60}, {0xFF, 0, 1}, {0x10, 0x20, 0x30}};
        for (int i = 0; i < 3; i++) {
            Sample sample = Sample.of(images, i);
            assertThat(sample.ints(1)).containsExactly(i == 0 ? 0 : 1);
            for (int j = 0; j < 18; j++) {
                assertThat(sample.bytes(0)[j]).isEqualTo((byte) pixels[i][j % 3]);
                assertThat(sample.normalized(0)[j]).isEqualTo(pixels[i][j % 3] / 255f);
            }
        }
        assertThat(Sample.of(ImageFolder.of(folder, 2, 3, ChannelNormalization.CIFAR10), 0)
                        .normalized(0)[1])
                .isEqualTo(ChannelNormalization.CIFAR10.apply(1, (byte) 0x50));
    }

    @Test
    void theDescriptionIsOfTheFilesAndNotOfThePlace() throws IOException {
        writeFolders();
        String one = ImageFolder.of(folder, 2, 3).description();
        assertThat(one).contains("3 files resized to 3 x 2 x 3, 2 classes").doesNotContain(folder.toString());
        Path moved = folder.resolveSibling(folder.getFileName() + "-moved");
        Files.move(folder, moved);
        assertThat(ImageFolder.of(moved, 2, 3).description()).isEqualTo(one);
        Files.move(moved, folder);
        Files.move(folder.resolve("rose/1.png"), folder.resolve("rose/2.png"));
        assertThat(ImageFolder.of(folder, 2, 3).description()).isNotEqualTo(one);
    }

    /** One damaged file among many is named, and every image is the same whichever worker decodes it. */
    @Test
    void workersDecodeTheImages() throws IOException {
        for (int i = 0; i < 40; i++) {
            write("c" + i % 2 + "/" + (100 + i) + ".png", i * 0x010203);
        }
        List<byte[]> one = bytes(ImageFolder.of(folder, 4, 6), 1);
        for (int workers : new int[] {2, 5}) {
            List<byte[]> many = bytes(ImageFolder.of(folder, 4, 6), workers);
            for (int i = 0; i < one.size(); i++) {
                assertThat(many.get(i)).isEqualTo(one.get(i));
            }
        }
        Files.writeString(folder.resolve("c0/122.png"), "damaged");
        assertThatThrownBy(() -> bytes(ImageFolder.of(folder, 4, 6), 3))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("122.png could not be read as an image");
    }

    private static List<byte[]> bytes(Dataset images, int workers) {
        List<byte[]> batches = new ArrayList<>();
        try (BatchIterator iterator = DataLoader.of(images, 7)
                .shuffle(true)
                .transform(new RandomCrop(1))
                .workers(workers)
                .build()
                .epoch(0)) {
            for (Batch batch = iterator.next(); batch != null; batch = iterator.next()) {
                batches.add(Arrays.copyOf(batch.bytes(0), batch.size() * 72));
            }
        }
        return batches;
    }

    @Test
    void linksAreFollowedAndThoseToNothingRefused() throws IOException {
        writeFolders();
        Files.createSymbolicLink(folder.resolve("rose/link.jpg"), folder.resolve("tulip/a.png"));
        Files.createSymbolicLink(folder.resolve("violet"), folder.resolve("tulip"));
        ImageFolder images = ImageFolder.of(folder, 2, 3);
        assertThat(images.classes()).containsExactly("rose", "tulip", "violet");
        assertThat(images.size()).isEqualTo(6);
        for (String broken : List.of("rose/broken.png", "class")) {
            Path link = Files.createSymbolicLink(folder.resolve(broken), folder.resolve("nowhere"));
            assertThatThrownBy(() -> ImageFolder.of(folder, 2, 3))
                    .isInstanceOf(DataException.class)
                    .hasMessageContainingAll(broken, "is a link to what does not exist", "remove it");
            Files.delete(link);
        }
    }

    @Test
    void namesOfAllKindsAndClassesWithoutImages() throws IOException {
        write("b c/ä 1.PnG", 0x010203);
        write("Ü/x.png", 0x040506);
        Files.createDirectory(folder.resolve("none"));
        ImageFolder images = ImageFolder.of(folder, 2, 3);
        assertThat(images.classes()).containsExactly("b c", "none", "Ü");
        assertThat(images.description()).contains("3 classes of which 1 has no images");
        assertThat(Sample.of(images, 1).ints(1)).containsExactly(2);
    }

    @Test
    void imagesOfOtherKindsAreLeftOutWithAWarning() throws IOException {
        writeFolders();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(ImageFolder.class);
        logger.addAppender(log);
        logger.setAdditive(false);
        try {
            ImageFolder.of(folder, 2, 3);
            assertThat(log.list).isEmpty();
            Files.writeString(folder.resolve("rose/photo.WebP"), "another kind");
            Files.writeString(folder.resolve("tulip/scan.tiff"), "another kind");
            assertThat(ImageFolder.of(folder, 2, 3).size()).isEqualTo(3);
            assertThat(log.list).hasSize(1);
            assertThat(log.list.get(0).getFormattedMessage())
                    .contains("leaves out 2 files", "photo.WebP", "convert them", ".png");
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
    }

    @Test
    void refusesFoldersWithoutImages() throws IOException {
        assertThatThrownBy(() -> ImageFolder.of(folder.resolve("nothing"), 2, 2))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("does not exist");
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> ImageFolder.of(file, 2, 2)).hasMessageContaining("is a file");
        assertThatThrownBy(() -> ImageFolder.of(folder, 2, 2))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("a folder for each class");
        Files.createDirectory(folder.resolve("a"));
        Files.createDirectory(folder.resolve("b"));
        assertThatThrownBy(() -> ImageFolder.of(folder, 2, 2))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll("'a', 'b'", "no files that end in .png", "whose folders hold the images");
        assertThatThrownBy(() -> ImageFolder.of(null, 2, 2)).hasMessageContaining("null");
        assertThatThrownBy(() -> ImageFolder.of(folder, 0, 2)).hasMessageContaining("[3, 0, 2]");
        write("a/1.png", 1);
        Dataset images = ImageFolder.of(folder, 2, 2);
        assertThatThrownBy(() -> images.read(1, Sample.of(images.fields())))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
