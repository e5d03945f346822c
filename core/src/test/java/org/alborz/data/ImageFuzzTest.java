package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.alborz.image.JpegSample;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files of every format and kind of pixels: an image comes out, or an exception that names the file. */
class ImageFuzzTest {
    private static final ChannelNormalization NONE =
            new ChannelNormalization(new float[] {0, 0, 0}, new float[] {1, 1, 1});
    private static final Shape SHAPE = Shape.of(3, 4, 4);

    @TempDir
    Path directory;

    @Test
    @Timeout(300)
    void damagedFilesGiveAnImageOrADataException() throws IOException {
        fuzz(1, 10);
    }

    @Test
    @Tag("sweep")
    @Timeout(600)
    void manyDamagedFilesGiveAnImageOrADataException() throws IOException {
        for (int seed = 2; seed < 4; seed++) {
            fuzz(seed, 200);
        }
    }

    private void fuzz(int seed, int times) throws IOException {
        for (Map.Entry<String, byte[]> whole : files().entrySet()) {
            for (int i = 0; i < times; i++) {
                Random random = new Random(seed * 1_000_003L + i);
                byte[] damaged = damage(whole.getValue(), random);
                Path file = Files.write(directory.resolve("input.bin"), damaged);
                try {
                    for (float value : Images.load(file, SHAPE, NONE)) {
                        assertThat(value).isBetween(-1e-6f, 1 + 1e-6f);
                    }
                } catch (DataException e) {
                    assertThat(e).hasMessageContaining("input.bin").hasMessageMatching("[ -~]*");
                } catch (Throwable e) {
                    throw new AssertionError(whole.getKey() + ", seed " + seed + ", mutation " + i, e);
                }
            }
        }
    }

    /** Changes bits, cuts, leaves out, repeats or overwrites. */
    private static byte[] damage(byte[] whole, Random random) {
        byte[] bytes = whole.clone();
        int at = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> {
                for (int i = 0; i < 1 + bytes.length / 50; i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            case 2 -> bytes = java.util.Arrays.copyOf(bytes, at);
            case 3 -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                out.write(bytes, 0, at);
                out.write(bytes, at + length, bytes.length - at - length);
                bytes = out.toByteArray();
            }
            case 4 -> {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                out.write(bytes, 0, at + length);
                out.write(bytes, at, bytes.length - at);
                bytes = out.toByteArray();
            }
            default -> java.util.Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? -1 : 0));
        }
        return bytes;
    }

    private static Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int type = BufferedImage.TYPE_INT_RGB; type <= BufferedImage.TYPE_BYTE_INDEXED; type++) {
            BufferedImage image = new BufferedImage(33, 17, type);
            for (int i = 0; i < 33 * 17; i++) {
                image.setRGB(i % 33, i / 33, 0x80000000 | i * 7919);
            }
            for (String format : new String[] {"png", "jpg", "gif", "bmp"}) {
                for (boolean progressive : new boolean[] {false, true}) {
                    byte[] file = write(image, format, progressive);
                    if (file.length > 0) {
                        files.put(format + " of type " + type + (progressive ? ", progressive" : ""), file);
                    }
                }
            }
        }
        for (JpegSample sample : JpegSample.values()) {
            files.put("jpg of " + sample, sample.file());
        }
        assertThat(files).hasSizeGreaterThan(50);
        return files;
    }

    /** Returns an empty array where the format cannot hold such an image. */
    private static byte[] write(BufferedImage image, String format, boolean progressive) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam param = writer.getDefaultWriteParam();
            if (!writer.getOriginatingProvider().canEncodeImage(image) || progressive && !param.canWriteProgressive()) {
                return new byte[0];
            }
            if (param.canWriteProgressive()) {
                param.setProgressiveMode(progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
            }
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, null), param);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
