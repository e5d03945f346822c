package org.alborz.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class GeneratedImagesTest {
    @Test
    void areTheSameOnEveryMachine() {
        GeneratedImages images = GeneratedImages.train(1, 200);
        ByteBuffer bytes = ByteBuffer.allocate(4 * 3072);
        CRC32 crc = new CRC32();
        for (int i = 0; i < images.size(); i++) {
            bytes.asFloatBuffer().put(sample(images, i));
            crc.update(bytes.array());
        }
        assertThat(crc.getValue()).isEqualTo(596931547L);
    }

    @Test
    void dependOnSeedPartAndIndexOnly() {
        GeneratedImages images = GeneratedImages.train(1, 30);
        assertThat(sample(GeneratedImages.train(1, 11), 10)).containsExactly(sample(images, 10));
        assertThat(sample(GeneratedImages.train(2, 30), 10)).isNotEqualTo(sample(images, 10));
        assertThat(sample(GeneratedImages.test(1, 30), 10)).isNotEqualTo(sample(images, 10));
        assertThat(sample(images, 20)).isNotEqualTo(sample(images, 10));
    }

    @Test
    void haveTenBalancedClassesAndSayWhatTheyAre() {
        GeneratedImages images = GeneratedImages.test(1, 100);
        int[] counts = new int[10];
        for (int i = 0; i < 100; i++) {
            counts[label(images, i)]++;
        }
        assertThat(counts).containsOnly(10);
        assertThat(images.classes()).hasSize(10).doesNotHaveDuplicates().contains("disc", "horizontal stripes");
        assertThat(images.fields().get(0).shape().toArray()).containsExactly(3, 32, 32);
        assertThat(images.description())
                .contains("generated")
                .contains("NOT CIFAR-10")
                .contains("seed 1");
        assertThatThrownBy(() -> GeneratedImages.train(1, 0)).hasMessageContaining("got 0");
    }

    @Test
    void stayInsideTheRangeOfBytes() {
        GeneratedImages images = GeneratedImages.train(3, 50);
        for (int i = 0; i < 50; i++) {
            float[] sample = sample(images, i);
            for (int j = 0; j < sample.length; j++) {
                assertThat(sample[j])
                        .isBetween(
                                ChannelNormalization.CIFAR10.apply(j % 3, (byte) 0),
                                ChannelNormalization.CIFAR10.apply(j % 3, (byte) 255));
            }
        }
    }

    @Test
    void areNotToldApartByTheirMeanColourOrMeanImage() {
        GeneratedImages train = GeneratedImages.train(1, 2000);
        GeneratedImages test = GeneratedImages.test(1, 500);
        assertThat(nearestMeanAccuracy(train, test, 3)).isLessThan(0.25);
        assertThat(nearestMeanAccuracy(train, test, 3072)).isLessThan(0.35);
    }

    @Test
    void areToldApartByTheirEdges() {
        // How often neighbours differ across, down and on the diagonals already separates the textures: there is
        // something to learn.
        GeneratedImages train = GeneratedImages.train(1, 1000);
        GeneratedImages test = GeneratedImages.test(1, 500);
        double[][] means = new double[10][];
        for (int i = 0; i < train.size(); i++) {
            means[label(train, i)] = add(means[label(train, i)], edges(sample(train, i)));
        }
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += nearest(means, train.size() / 10, edges(sample(test, i))) == label(test, i) ? 1 : 0;
        }
        assertThat(right / 500.0).isGreaterThan(0.5);
    }

    /**
     * Returns the accuracy of taking the class with the nearest mean, over samples averaged to {@code features} values.
     */
    private static double nearestMeanAccuracy(Dataset train, Dataset test, int features) {
        double[][] means = new double[10][];
        for (int i = 0; i < train.size(); i++) {
            means[label(train, i)] = add(means[label(train, i)], folded(sample(train, i), features));
        }
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += nearest(means, train.size() / 10, folded(sample(test, i), features)) == label(test, i) ? 1 : 0;
        }
        return (double) right / test.size();
    }

    private static double[] folded(float[] sample, int features) {
        double[] result = new double[features];
        for (int i = 0; i < sample.length; i++) {
            result[i % features] += sample[i] * features / sample.length;
        }
        return result;
    }

    /**
     * Returns the share of pixels whose neighbour right, below, below right and below left has clearly another colour.
     */
    private static double[] edges(float[] sample) {
        int[][] steps = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
        double[] result = new double[4];
        for (int y = 0; y < 31; y++) {
            for (int x = 1; x < 31; x++) {
                for (int s = 0; s < 4; s++) {
                    int here = (y * 32 + x) * 3;
                    int there = ((y + steps[s][0]) * 32 + x + steps[s][1]) * 3;
                    float difference = 0;
                    for (int c = 0; c < 3; c++) {
                        difference += sample[here + c] - sample[there + c];
                    }
                    result[s] += Math.abs(difference) > 3 ? 1.0 / (31 * 30) : 0;
                }
            }
        }
        return result;
    }

    private static double[] add(double[] sum, double[] values) {
        double[] result = sum == null ? new double[values.length] : sum;
        for (int i = 0; i < values.length; i++) {
            result[i] += values[i];
        }
        return result;
    }

    private static int nearest(double[][] sums, int count, double[] values) {
        int best = -1;
        double least = Double.MAX_VALUE;
        for (int k = 0; k < sums.length; k++) {
            double distance = 0;
            for (int i = 0; i < values.length; i++) {
                double d = sums[k][i] / count - values[i];
                distance += d * d;
            }
            if (distance < least) {
                least = distance;
                best = k;
            }
        }
        return best;
    }

    private static float[] sample(Dataset data, int index) {
        return Sample.of(data, index).normalized(0);
    }

    private static int label(Dataset data, int index) {
        return Sample.of(data, index).ints(1)[0];
    }
}
