package org.alborz.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.alborz.data.BytePairTokenizer.Pair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the pairs of tokens that become one. Each distinct word is kept once with its number of occurrences; a merge changes the counts
 * of the pairs in the words that have the pair, and of no others.
 */
final class BytePairTraining {
    private static final Logger LOG = LoggerFactory.getLogger(BytePairTokenizer.class);

    /** A pair that occurs less often saves nothing. */
    private static final long LEAST_COUNT = 2;

    private static final class Word {
        private final int[] tokens;
        private final long count;
        private int length;

        Word(String bytes, long count) {
            this.tokens = bytes.chars().toArray();
            this.length = tokens.length;
            this.count = count;
        }
    }

    /** A pair's count when it was queued; it is out of date where {@code counts} has another. */
    private record Candidate(Pair pair, long count) {}

    private final Map<Pair, Long> counts = new HashMap<>();
    private final Map<Pair, Set<Word>> words = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(candidate -> candidate.pair().first())
            .thenComparingInt(candidate -> candidate.pair().second()));

    BytePairTraining(byte[] text) {
        Map<String, Long> occurrences = new LinkedHashMap<>();
        for (int from = 0, to; from < text.length; from = to) {
            to = ByteWords.end(text, from);
            occurrences.merge(new String(text, from, to - from, StandardCharsets.ISO_8859_1), 1L, Long::sum);
        }
        occurrences.forEach((bytes, count) -> count(new Word(bytes, count), 1));
        counts.keySet().forEach(this::queue);
    }

    /** Adds a word's pairs to the counts, or with a sign of −1 takes them from them. */
    private void count(Word word, int sign) {
        for (int i = 0; i + 1 < word.length; i++) {
            Pair pair = new Pair(word.tokens[i], word.tokens[i + 1]);
            counts.merge(pair, sign * word.count, Long::sum);
            if (sign > 0) {
                words.computeIfAbsent(pair, unused -> new LinkedHashSet<>()).add(word);
            }
        }
    }

    private void queue(Pair pair) {
        long count = counts.getOrDefault(pair, 0L);
        if (count >= LEAST_COUNT) {
            queue.add(new Candidate(pair, count));
        }
    }

    /** Returns at most so many pairs, in the order in which they become tokens. */
    List<Pair> merges(int most) {
        List<Pair> merges = new ArrayList<>();
        LoggedProgress progress = LoggedProgress.of(LOG, "Learning a vocabulary", "tokens", most);
        while (merges.size() < most && !queue.isEmpty()) {
            Candidate best = queue.poll();
            if (counts.getOrDefault(best.pair(), 0L) == best.count()) {
                merge(best.pair(), BytePairTokenizer.BYTES + merges.size());
                merges.add(best.pair());
                progress.at(merges.size());
            }
        }
        return merges;
    }

    private void merge(Pair pair, int token) {
        Set<Pair> changed = new LinkedHashSet<>();
        for (Word word : words.remove(pair)) {
            addPairs(word, changed);
            count(word, -1);
            word.length = BytePairTokenizer.replace(pair, token, word.tokens, 0, word.length);
            count(word, 1);
            addPairs(word, changed);
        }
        changed.forEach(this::queue);
    }

    private static void addPairs(Word word, Set<Pair> into) {
        for (int i = 0; i + 1 < word.length; i++) {
            into.add(new Pair(word.tokens[i], word.tokens[i + 1]));
        }
    }
}
