package org.alborz.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * A sum of products over letters. Terms are multiplied from the first to the last: two of them become batches of matrices, whose rows are the
 * letters of the one, whose columns are those of the other, and whose batch are letters of both that are needed later; all other letters are
 * summed by the product.
 */
final class Einsum {
    /** The letters of an ellipsis, counted from the last one; no letter that may be written. */
    private static final char ELLIPSIS = '0';

    private final String equation;
    private final List<Term> terms = new ArrayList<>();
    private final Map<Character, Integer> sizes = new HashMap<>();
    private String output;

    /** A tensor with a letter for each axis. */
    private record Term(String letters, Tensor tensor) {
        boolean has(char letter) {
            return letters.indexOf(letter) >= 0;
        }
    }

    Einsum(String equation, Tensor... tensors) {
        this.equation = Given.value(equation, "einsum", "an equation").replace(" ", "");
        Given.value(tensors, "einsum", "tensors");
        String[] sides = this.equation.split("->", -1);
        String[] inputs = sides[0].split(",", -1);
        if (sides.length > 2 || inputs.length != tensors.length) {
            throw refused("a term for each of " + tensors.length + " tensors and at most one arrow");
        }
        int broadcast = 0;
        for (int i = 0; i < inputs.length; i++) {
            Tensor tensor = Given.value(tensors[i], "einsum", "tensors");
            String letters = letters(inputs[i], tensor.shape().rank());
            broadcast = Math.max(
                    broadcast, (int) letters.chars().filter(Character::isDigit).count());
            for (int axis = 0; axis < letters.length(); axis++) {
                note(letters.charAt(axis), tensor.shape().size(axis));
            }
            terms.add(new Term(letters, tensor));
        }
        output = sides.length == 2 ? letters(sides[1], ellipsis(broadcast)) : implicitOutput(broadcast);
        for (int i = 0; i < output.length(); i++) {
            char letter = output.charAt(i);
            if (!sizes.containsKey(letter) || output.indexOf(letter) != i) {
                throw refused("letters of the terms in the result, each once");
            }
        }
    }

    private IllegalArgumentException refused(String expected) {
        return new IllegalArgumentException("einsum expects " + expected + ", got \"" + equation + "\"");
    }

    private void note(char letter, int size) {
        int known = sizes.getOrDefault(letter, 1);
        if (known != size && known != 1 && size != 1) {
            throw refused("axes of one size or 1 for each letter (" + letter + " is " + known + " and " + size + ")");
        }
        sizes.put(letter, known == 1 ? size : known);
    }

    /** Returns a letter for each axis, an ellipsis being replaced by digits; of a rank that is not known, −1 less the ellipsis's axes. */
    private String letters(String written, int rank) {
        int at = written.indexOf("...");
        String plain = at < 0 ? written : written.substring(0, at) + written.substring(at + 3);
        if (!plain.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
            throw refused("letters from a to z and A to Z, commas, one ellipsis in a term and one arrow");
        }
        int hidden = rank < 0 ? (at < 0 ? 0 : -1 - rank) : rank - plain.length();
        if (hidden < 0 || at < 0 && hidden > 0 || hidden > 10) {
            throw refused("a letter for each axis (\"" + written + "\" is for a tensor of " + rank + " axes)");
        }
        StringBuilder all = new StringBuilder(plain);
        for (int i = 0; i < hidden; i++) {
            all.insert(at + i, (char) (ELLIPSIS + hidden - 1 - i));
        }
        return all.toString();
    }

    private static int ellipsis(int axes) {
        return -1 - axes;
    }

    private String implicitOutput(int broadcast) {
        StringBuilder once = new StringBuilder();
        for (int i = broadcast - 1; i >= 0; i--) {
            once.append((char) (ELLIPSIS + i));
        }
        sizes.keySet().stream()
                .filter(letter -> !Character.isDigit(letter))
                .sorted()
                .filter(letter -> terms.stream()
                                .flatMapToInt(term -> term.letters.chars())
                                .filter(c -> c == letter)
                                .count()
                        == 1)
                .forEach(once::append);
        return once.toString();
    }

    Tensor compute() {
        terms.replaceAll(term -> withoutOnes(diagonal(term)));
        Term product = null;
        for (int i = 0; i < terms.size(); i++) {
            Term term = summed(terms.get(i), i);
            product = product == null ? term : multiplied(product, term, i);
        }
        return arranged(product);
    }

    private static Term diagonal(Term term) {
        String letters = term.letters;
        Tensor tensor = term.tensor;
        for (int i = 0; i < letters.length(); i++) {
            int second = letters.indexOf(letters.charAt(i), i + 1);
            if (second >= 0) {
                if (tensor.shape().size(i) != tensor.shape().size(second)) {
                    throw new IllegalArgumentException("einsum expects axes of one size for a diagonal, got "
                            + tensor.describe() + " for " + term.letters);
                }
                char letter = letters.charAt(i);
                tensor = tensor.diagonal(0, i, second);
                letters = letters.substring(0, i)
                        + letters.substring(i + 1, second)
                        + letters.substring(second + 1)
                        + letter;
                i--;
            }
        }
        return new Term(letters, tensor);
    }

    /** Leaves out axes of size 1 that stand for longer ones. */
    private Term withoutOnes(Term term) {
        Tensor tensor = term.tensor;
        StringBuilder letters = new StringBuilder(term.letters);
        for (int i = letters.length() - 1; i >= 0; i--) {
            if (tensor.shape().size(i) == 1 && sizes.get(letters.charAt(i)) != 1) {
                tensor = tensor.squeeze(i);
                letters.deleteCharAt(i);
            }
        }
        return new Term(letters.toString(), tensor);
    }

    /** Sums over letters that neither the result nor another term has. */
    private Term summed(Term term, int number) {
        StringBuilder kept = new StringBuilder();
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < term.letters.length(); i++) {
            char letter = term.letters.charAt(i);
            boolean needed = output.indexOf(letter) >= 0;
            for (int other = 0; other < terms.size(); other++) {
                needed |= other != number && terms.get(other).has(letter);
            }
            if (needed) {
                kept.append(letter);
            } else {
                axes.add(i);
            }
        }
        return axes.isEmpty()
                ? term
                : new Term(
                        kept.toString(),
                        term.tensor.sum(
                                false, axes.stream().mapToInt(Integer::intValue).toArray()));
    }

    private Term multiplied(Term a, Term b, int number) {
        StringBuilder batch = new StringBuilder();
        StringBuilder inner = new StringBuilder();
        StringBuilder rows = new StringBuilder();
        StringBuilder columns = new StringBuilder();
        for (char letter : a.letters.toCharArray()) {
            (b.has(letter) ? (isNeededAfter(letter, number) ? batch : inner) : rows).append(letter);
        }
        for (char letter : b.letters.toCharArray()) {
            if (!a.has(letter)) {
                columns.append(letter);
            }
        }
        Tensor left = matrices(a, batch, rows, inner);
        Tensor right = matrices(b, batch, inner, columns);
        String letters = batch.toString() + rows + columns;
        return new Term(letters, left.matmul(right).reshape(shape(letters)));
    }

    private boolean isNeededAfter(char letter, int number) {
        return output.indexOf(letter) >= 0
                || terms.subList(number + 1, terms.size()).stream().anyMatch(term -> term.has(letter));
    }

    private Tensor matrices(Term term, CharSequence batch, CharSequence rows, CharSequence columns) {
        Tensor ordered = ordered(term, batch.toString() + rows + columns);
        return ordered.reshape(Shape.of(count(batch), count(rows), count(columns)));
    }

    private static Tensor ordered(Term term, String letters) {
        int[] axes = letters.chars().map(term.letters::indexOf).toArray();
        return axes.length == 0 ? term.tensor : term.tensor.permute(axes);
    }

    private int count(CharSequence letters) {
        return letters.chars().map(letter -> sizes.get((char) letter)).reduce(1, Math::multiplyExact);
    }

    private Shape shape(String letters) {
        return Shape.of(letters.chars().map(letter -> sizes.get((char) letter)).toArray());
    }

    /** Puts the axes in the result's order. */
    private Tensor arranged(Term product) {
        return ordered(product, output);
    }
}
