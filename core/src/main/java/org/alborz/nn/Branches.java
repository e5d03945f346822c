package org.alborz.nn;

import java.util.Arrays;
import java.util.List;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Several layers over one input, whose results are put side by side as channels, {@code y = concat(f₀(x), f₁(x), …)}, as in an inception module (Szegedy et al. 2015). They
 * are named 0, 1, 2, … in the order of their channels.
 */
public final class Branches implements Fresh {
    private final List<Layer> branches;

    /** Makes a layer of one or more branches. */
    public Branches(Layer... branches) {
        List<Layer> all = Arrays.asList(Given.value(branches, "Branches", "layers"));
        if (all.isEmpty()) {
            throw new IllegalArgumentException("Branches expects at least one layer, got none");
        }
        for (int i = 0; i < all.size(); i++) {
            Given.value(all.get(i), "Branches", "a layer as branch " + i);
        }
        this.branches = List.copyOf(all);
    }

    /** Gives {@code [N, Σ Cᵢ, …]} of results {@code [N, Cᵢ, …]}, which agree in all other axes. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor[] parts = new Tensor[branches.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Results.of(pass.run(branches.get(i), x), branches.get(i), "Branches", "branch " + i);
        }
        Tensor y = join(parts);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] != x && Fresh.is(branches.get(i))) {
                parts[i].close();
            }
        }
        return y;
    }

    /** Joins along the channels, which images have innermost in memory. */
    private static Tensor join(Tensor... parts) {
        if (parts[0].shape().rank() != 4) {
            return Tensor.concat(1, parts);
        }
        try (Scope scope = parts[0].session().scope("Branches")) {
            Tensor[] pixels = new Tensor[parts.length];
            for (int i = 0; i < parts.length; i++) {
                pixels[i] = parts[i].permute(0, 2, 3, 1);
            }
            return scope.keep(Tensor.concat(3, pixels).permute(0, 3, 1, 2));
        }
    }

    @Override
    public boolean isFresh() {
        return branches.stream().allMatch(Fresh::is);
    }

    @Override
    public void describe(Structure structure) {
        for (int i = 0; i < branches.size(); i++) {
            structure.module(Integer.toString(i), branches.get(i));
        }
    }

    /** Returns the branches to print, a line each. */
    @Override
    public String toString() {
        return Architecture.tree(this);
    }
}
