package org.alborz.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GifDecoderTest {
    /**
     * A screen of 3 x 2 with an image of 2 x 1 at (1, 1), colours 0 and 1 of a palette of two; bytes 31 and 32 are its codes:
     * clear, 0, 1, end, of three bits each.
     */
    private static final byte[] TINY = {
        'G',
        'I',
        'F',
        '8',
        '9',
        'a',
        3,
        0,
        2,
        0,
        (byte) 0x80,
        0,
        0,
        10,
        20,
        30,
        40,
        50,
        60, // palette
        0x2C,
        1,
        0,
        1,
        0,
        2,
        0,
        1,
        0,
        0, // image
        2,
        2,
        0b01_000_100,
        0b1010,
        0,
        0x3B
    };

    @ParameterizedTest(name = "{0} colours, interlaced {1}")
    @CsvSource({"2, false", "5, false", "16, true", "256, false", "256, true"})
    void decodesWhatJavaWrites(int colours, boolean interlaced) throws IOException {
        byte[] palette = new byte[3 * 256];
        new Random(colours).nextBytes(palette);
        IndexColorModel model = new IndexColorModel(8, colours, palette, 0, false);
        BufferedImage image = new BufferedImage(120, 61, BufferedImage.TYPE_BYTE_INDEXED, model);
        Random random = new Random(5);
        for (int i = 0; i < 120 * 61; i++) {
            image.getRaster().setSample(i % 120, i / 120, 0, i % 3 == 0 ? random.nextInt(colours) : i / 500 % colours);
        }
        int[] bytes = Decoded.of(write(image, interlaced)).bytes();
        for (int i = 0; i < 120 * 61; i++) {
            int index = image.getRaster().getSample(i % 120, i / 120, 0);
            for (int c = 0; c < 3; c++) {
                assertThat(bytes[i * 3 + c]).isEqualTo(palette[index * 3 + c] & 0xFF);
            }
        }
    }

    @Test
    void decodesAnImageOfManyPixels() throws IOException {
        BufferedImage image = new BufferedImage(700, 600, BufferedImage.TYPE_BYTE_BINARY);
        image.setRGB(699, 599, 0xFFFFFF);
        int[] bytes = Decoded.of(write(image, false)).bytes();
        assertThat(bytes[bytes.length - 1]).isEqualTo(255);
        assertThat(Arrays.stream(bytes).sum()).isEqualTo(3 * 255);
    }

    @Test
    void placesTheImageOnItsScreen() throws IOException {
        Decoded image = Decoded.of(TINY);
        assertThat(new int[] {image.width(), image.height()}).containsExactly(3, 2);
        int[] white = new int[12];
        Arrays.fill(white, 255);
        assertThat(Arrays.copyOf(image.bytes(), 12)).containsExactly(white);
        assertThat(Arrays.copyOfRange(image.bytes(), 12, 18)).containsExactly(10, 20, 30, 40, 50, 60);
        byte[] small = TINY.clone();
        small[6] = 1; // the screen grows
        assertThat(Decoded.of(small).bytes()).containsExactly(image.bytes());
    }

    @Test
    void laysTransparentColoursOverWhite() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(TINY, 0, 19);
        out.writeBytes(new byte[] {0x21, (byte) 0xFE, 3, 'a', 'b', 'c', 0}); // a comment
        out.writeBytes(new byte[] {0x21, (byte) 0xF9, 4, 1, 0, 0, 1, 0});
        out.write(TINY, 19, TINY.length - 19);
        assertThat(Arrays.copyOfRange(Decoded.of(out.toByteArray()).bytes(), 12, 18))
                .containsExactly(10, 20, 30, 255, 255, 255);
    }

    @Test
    void refusesWhatIsCutOffAnywhere() throws IOException {
        for (int length = 0; length < TINY.length - 1; length++) {
            byte[] cut = Arrays.copyOf(TINY, length);
            assertThatThrownBy(() -> Decoded.of(cut), "%d bytes", length).isInstanceOf(ImageException.class);
        }
        BufferedImage image = new BufferedImage(50, 40, BufferedImage.TYPE_BYTE_INDEXED);
        for (int i = 0; i < 2000; i++) {
            image.setRGB(i % 50, i / 50, i * 12345);
        }
        byte[] whole = write(image, false);
        for (int length = 0; length < whole.length - 1; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Decoded.of(cut), "%d bytes", length).isInstanceOf(ImageException.class);
        }
    }

    @Test
    void refusesDamagedCodes() {
        assertRefused(31, 0b01_101_100, "before its last row"); // the end after no pixel
        assertRefused(31, 0b01_111_100, "not made yet");
        assertRefused(31, 0b00_110_100, "not made yet"); // the next string, where there was none before
        assertRefused(31, 0b10_000_100, "palette of 2");
        assertRefused(32, 0b1011, "before its last row");
        assertRefused(30, 1, "cut off"); // a block of one byte; the next is longer than the file
        assertRefused(29, 9, "codes of 9 bits");
        assertRefused(10, 0, "no image"); // no palette, so that it is taken for what follows
        assertRefused(19, 0x3B, "no image");
        assertRefused(24, 0, "0 x 1 pixels");
        byte[] more = TINY.clone();
        more[31] = (byte) 0b10_000_100;
        more[32] = 0b1011; // 0, then the string 0 0
        assertThatThrownBy(() -> Decoded.of(more))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("more image data");
    }

    @Test
    void refusesSizesBeforeItTakesMemory() {
        byte[] file = TINY.clone();
        Arrays.fill(file, 24, 28, (byte) 0xFF);
        assertThatThrownBy(() -> Decoded.of(file))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("65,535 x 65,535 pixels");
        byte[] screen = TINY.clone();
        Arrays.fill(screen, 6, 10, (byte) 0xFF);
        assertThatThrownBy(() -> Decoded.of(screen))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("65,535 x 65,535 pixels");
    }

    private static void assertRefused(int at, int value, String reason) {
        byte[] file = TINY.clone();
        file[at] = (byte) value;
        assertThatThrownBy(() -> Decoded.of(file), "byte %d = %d", at, value)
                .isInstanceOf(ImageException.class)
                .hasMessageContaining(reason);
    }

    private static byte[] write(BufferedImage image, boolean interlaced) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            ImageWriteParam param = writer.getDefaultWriteParam();
            param.setProgressiveMode(interlaced ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
