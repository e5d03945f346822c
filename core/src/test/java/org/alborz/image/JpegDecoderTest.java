package org.alborz.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JpegDecoderTest {
    @ParameterizedTest
    @EnumSource
    void decodesAsPillowDoes(JpegSample sample) throws IOException {
        Decoded image = Decoded.of(sample.file());
        assertThat(new int[] {image.width(), image.height()}).containsExactly(5, 3);
        assertThat(image.bytes()).containsExactly(sample.pixels());
    }

    @ParameterizedTest
    @EnumSource
    void changesNothingForProfilesOrientationCommentsAndWhatFollows(JpegSample sample) throws IOException {
        byte[] file = sample.file();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, 2);
        out.writeBytes(segment(0xE1, "Exif\0\0MM\0*\0\0\0\b\0\1\1\22\0\3\0\0\0\1\0\6\0\0\0\0\0\0"));
        out.writeBytes(segment(0xE2, "ICC_PROFILE\0\1\1no profile"));
        out.writeBytes(segment(0xE2, "ICC_PROFILE\0\7\1of another count"));
        out.writeBytes(segment(0xFE, "\u001b[2J"));
        out.write(file, 2, file.length - 2);
        out.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD8, 1, 2, 3});
        assertThat(Decoded.of(out.toByteArray()).bytes()).containsExactly(sample.pixels());
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsCutOffAnywhere(JpegSample sample) {
        byte[] whole = sample.file();
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Decoded.of(cut), "%d bytes", length).isInstanceOf(ImageException.class);
        }
    }

    @Test
    void refusesMissingDataBeforeAnEnd() throws IOException {
        byte[] whole = noise(100, 80);
        for (int percent = 10; percent < 95; percent += 5) {
            byte[] cut = Arrays.copyOf(whole, whole.length * percent / 100);
            cut[cut.length - 2] = (byte) 0xFF;
            cut[cut.length - 1] = (byte) 0xD9;
            assertThatThrownBy(() -> Decoded.of(cut), "%d %%", percent).isInstanceOf(ImageException.class);
        }
    }

    @Test
    void refusesKindsThatItCannotDecode() {
        for (int frame : new int[] {0xC3, 0xC5, 0xC9, 0xCA, 0xCF}) {
            byte[] file = withFrame(header -> header[1] = (byte) frame);
            assertThatThrownBy(() -> Decoded.of(file))
                    .isInstanceOf(ImageException.class)
                    .hasMessageContaining("marker " + Integer.toHexString(frame))
                    .hasMessageContaining("PNG");
        }
        assertThatThrownBy(() -> Decoded.of(withFrame(file -> file[4] = 12)))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("12 bits");
        assertThatThrownBy(() -> Decoded.of(withFrame(file -> file[9] = 2))).isInstanceOf(ImageException.class);
    }

    @Test
    void refusesSizesBeforeItTakesMemory() {
        assertThatThrownBy(() -> Decoded.of(withFrame(file -> Arrays.fill(file, 5, 9, (byte) 0xFF))))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("65,535 x 65,535 pixels");
        assertThatThrownBy(() -> Decoded.of(withFrame(file -> Arrays.fill(file, 5, 7, (byte) 0))))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("5 x 0 pixels");
        // 7,000 x 7,000 pixels need more than a few bytes.
        assertThatThrownBy(() -> Decoded.of(withFrame(file -> {
                    file[5] = file[7] = 0x1B;
                    file[6] = file[8] = 0x58;
                })))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("before its last row");
    }

    @Test
    void refusesThousandsOfScans() {
        byte[] file = JpegSample.PROGRESSIVE.file();
        int scan = indexOf(file, 0xDA, 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, scan);
        for (int i = 0; i < 1000; i++) {
            out.write(file, scan, indexOf(file, 0xC4, scan) - scan);
        }
        out.write(file, scan, file.length - scan);
        assertThatThrownBy(() -> Decoded.of(out.toByteArray()))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("200 scans");
    }

    @Test
    void decodesLargerImagesAsJavaDoes() throws IOException {
        byte[] file = noise(100, 80);
        BufferedImage expected = ImageIO.read(new java.io.ByteArrayInputStream(file));
        int[] bytes = Decoded.of(file).bytes();
        for (int i = 0; i < 8000; i++) {
            int rgb = expected.getRGB(i % 100, i / 100);
            assertThat(bytes[i * 3] << 16 | bytes[i * 3 + 1] << 8 | bytes[i * 3 + 2])
                    .isEqualTo(rgb & 0xFFFFFF);
        }
    }

    private static byte[] noise(int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(4);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", out);
        return out.toByteArray();
    }

    private interface Change {
        /** Changes what starts at the frame's marker. */
        void apply(byte[] frame);
    }

    private static byte[] withFrame(Change change) {
        byte[] file = JpegSample.YCBCR.file();
        int at = indexOf(file, 0xC0, 0);
        byte[] frame = Arrays.copyOfRange(file, at, file.length);
        change.apply(frame);
        System.arraycopy(frame, 0, file, at, frame.length);
        return file;
    }

    private static int indexOf(byte[] file, int marker, int from) {
        for (int i = from; i < file.length; i++) {
            if (file[i] == (byte) 0xFF && file[i + 1] == (byte) marker) {
                return i;
            }
        }
        throw new AssertionError("no marker " + marker);
    }

    private static byte[] segment(int marker, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0xFF);
        out.write(marker);
        out.write(0);
        out.write(bytes.length + 2);
        out.writeBytes(bytes);
        return out.toByteArray();
    }
}
