/**
 * What users have to hear of: slow substitutes, leaks, and objects that were never closed.
 *
 * <p>The rule of this folder: nothing here knows another package.
 */
package org.alborz.notice;
