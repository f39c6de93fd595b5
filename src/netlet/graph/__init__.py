"""What a network is: layer specifications, the graph they form, and its lowering to a program."""
