package org.alborz.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.alborz.random.RandomStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("sweep")
class ShardSamplerTest {
    @ParameterizedTest
    @CsvSource({"1, 4, 9", "2, 4, 5", "2, 4, 16", "3, 5, 47", "3, 5, 31", "4, 1, 7", "2, 100, 101"})
    void eachBatchIsOfOneShardAndEachSampleIsDrawnOnce(int shards, int batchSize, int size) {
        for (boolean shuffle : new boolean[] {false, true}) {
            ShardSampler sampler = new ShardSampler(shards, batchSize, shuffle);
            int[] drawn = sampler.draw(size, new RandomStream(1, 2));
            assertThat(Arrays.stream(drawn).sorted().toArray())
                    .isEqualTo(IntStream.range(0, size).toArray());
            for (int i = 0; i < size; i++) {
                assertThat(sampler.shard(drawn[i])).isEqualTo(i / batchSize % shards);
            }
            if (!shuffle) {
                assertThat(drawn).isEqualTo(IntStream.range(0, size).toArray());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 9", "2, 4, 5", "2, 4, 16", "3, 5, 47", "3, 5, 31", "4, 1, 7", "2, 100, 101"})
    void shardsAreAsLargeAsTheyAreSaidToBe(int shards, int batchSize, int size) {
        ShardSampler sampler = new ShardSampler(shards, batchSize, true);
        for (int shard = 0; shard < shards; shard++) {
            int of = shard;
            int[] own = IntStream.range(0, size)
                    .filter(sample -> sampler.shard(sample) == of)
                    .toArray();
            assertThat(sampler.count(size, shard)).isEqualTo(own.length);
            assertThat(Arrays.stream(own).map(sampler::place).sorted().toArray())
                    .isEqualTo(IntStream.range(0, own.length).toArray());
        }
    }
}
