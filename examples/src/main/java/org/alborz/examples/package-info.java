/** Small programs to read first; each says in its Javadoc what it prints. */
package org.alborz.examples;
