"""Pictures of what the library computes, drawn from the computation itself."""
